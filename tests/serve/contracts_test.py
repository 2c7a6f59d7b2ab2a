"""Every route answers what the command line writes, in the form its clients read."""
import base64
import json
import os
import struct
import tempfile
import unittest

from server import Phantoms, Server, b64, chat, data_uri, hilum, score, timeless


class Contracts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.phantoms = Phantoms()
        cls.server = Server()
        cls.png, cls.dicom = cls.phantoms.png, cls.phantoms.dicom

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, code

    def json_of(self, answer, status=200):
        self.assertEqual(answer[0], status, answer[2][:500])
        return json.loads(answer[2])

    def test_reports_are_the_command_lines(self):
        for form in ('png', 'dicom'):
            for path, image in list(zip(self.phantoms.paths[form], getattr(self, form)))[:2]:
                wanted = json.loads(hilum('report', path, '--format', 'json', '--indication', 'Cough.'))
                got = self.json_of(self.server.post_parts('/v1/reports', {'frontal': image}, {'indication': 'Cough.', 'study_id': wanted['study_id']}))
                self.assertEqual(timeless(got), timeless(wanted))

    def test_score_is_the_azure_form_of_the_command_line(self):
        wanted = [hilum('report', path, '--format', 'azure').decode().strip() for path in self.phantoms.paths['png']]
        status, headers, body = self.server.post_json('/score', score([[b64(image)] for image in self.png]))
        self.assertEqual(status, 200, body)
        self.assertEqual([row['output'] for row in json.loads(body)], wanted)
        self.assertEqual(headers['x-hilum-box-frame'], 'crop')
        self.assertEqual(headers['x-hilum-demo'], 'true')

    def test_score_names_the_row_that_failed(self):
        status, _, body = self.server.post_json('/score', score([[b64(self.png[0])], [b64(b'no picture')]]))
        self.assertEqual(status, 400)
        self.assertIn('1', json.loads(body)['message'])

    def test_score_embeds_by_its_columns(self):
        wanted = json.loads(hilum('embed', self.phantoms.paths['png'][0]))['embedding']
        row = self.json_of(self.server.post_json('/score', score([[b64(self.png[0]), '']], ('image', 'text'))))[0]
        self.assertEqual([struct.pack('<f', x) for x in row['image_features'][0]], [struct.pack('<f', x) for x in wanted])

    def test_a_deployment_that_is_not_there_is_not_found(self):
        status, _, body = self.server.post_json('/score', score([[b64(self.png[0])]]), {'azureml-model-deployment': 'blue'})
        self.assertEqual(status, 404, body)

    def test_mlflow_wraps_what_score_lists(self):
        rows = self.json_of(self.server.post_json('/score', score([[b64(self.png[1])]])))
        table = {'dataframe_split': {'columns': ['frontal_image'], 'data': [[b64(self.png[1])]]}}
        self.assertEqual(self.json_of(self.server.post_json('/invocations', table)), {'predictions': rows})
        self.assertEqual(self.server.get('/ping')[::2], (200, b'\n'))
        self.assertEqual(self.server.get('/version')[0], 200)
        self.assertEqual(self.server.send('POST', '/invocations', b'x', {'Content-Type': 'text/plain'})[0], 415)

    def test_chat_answers_as_the_command_line_does(self):
        wanted = json.loads(hilum('chat', self.phantoms.paths['png'][0], '--ask', 'Is there a pleural effusion?', '--format', 'json'))
        got = self.json_of(self.server.post_json('/v1/chat/completions', chat(self.png[0], 'Is there a pleural effusion?')))
        self.assertEqual(got['choices'][0]['message']['content'], wanted['answer'])
        self.assertEqual(got['choices'][0]['finish_reason'], 'stop')

    def test_a_stream_of_chat_says_the_same(self):
        whole = self.json_of(self.server.post_json('/v1/chat/completions', chat(self.png[0], 'Is there a pleural effusion?')))
        status, headers, body = self.server.post_json('/v1/chat/completions', chat(self.png[0], 'Is there a pleural effusion?', stream=True, stream_options={'include_usage': True}))
        self.assertEqual((status, headers['content-type']), (200, 'text/event-stream'))
        events = [line[6:] for line in body.decode().split('\n') if line.startswith('data: ')]
        self.assertEqual(events[-1], '[DONE]')
        chunks = [json.loads(event) for event in events[:-1]]
        self.assertEqual(''.join(chunk['choices'][0]['delta'].get('content') or '' for chunk in chunks if chunk['choices']), whole['choices'][0]['message']['content'])
        for count in ('prompt_tokens', 'completion_tokens', 'total_tokens'):   # how many were cached depends on what ran before
            self.assertEqual(chunks[-1]['usage'][count], whole['usage'][count])
        self.assertEqual(len({chunk['id'] for chunk in chunks}), 1)

    def test_stop_texts_and_limits(self):
        asked = chat(self.png[0], 'Is there a pleural effusion?')
        whole = self.json_of(self.server.post_json('/v1/chat/completions', asked))['choices'][0]['message']['content']
        word = whole.split()[1]
        stopped = self.json_of(self.server.post_json('/v1/chat/completions', {**asked, 'stop': word}))['choices'][0]
        self.assertEqual((stopped['message']['content'], stopped['finish_reason']), (whole[:whole.index(word)], 'stop'))
        short = self.json_of(self.server.post_json('/v1/chat/completions', {**asked, 'max_tokens': 2}))
        self.assertEqual((short['usage']['completion_tokens'], short['choices'][0]['finish_reason']), (2, 'length'))

    def test_answers_keep_to_a_schema(self):
        schema = {'type': 'object', 'properties': {'effusion': {'type': 'boolean'}, 'side': {'enum': ['left', 'right', 'none']}}, 'required': ['effusion', 'side']}
        asked = chat(self.png[0], 'Is there a pleural effusion?', max_tokens=100, response_format={'type': 'json_schema', 'json_schema': {'name': 'a', 'schema': schema}})
        answer = json.loads(self.json_of(self.server.post_json('/v1/chat/completions', asked))['choices'][0]['message']['content'])
        self.assertIsInstance(answer['effusion'], bool)
        self.assertIn(answer['side'], ['left', 'right', 'none'])

    def test_logprobs_belong_to_the_tokens(self):
        content = self.json_of(self.server.post_json('/v1/chat/completions', chat(self.png[0], 'Is there a pleural effusion?', logprobs=True, top_logprobs=2)))['choices'][0]
        tokens = content['logprobs']['content']
        self.assertEqual(b''.join(bytes(token['bytes']) for token in tokens).decode().strip(), content['message']['content'])
        for token in tokens:
            self.assertEqual(token['top_logprobs'][0]['token'], token['token'])  # greedy
            self.assertEqual(len(token['top_logprobs']), 2)

    def test_embeddings_in_both_encodings(self):
        asked = {'input': [{'content': [{'type': 'image_url', 'image_url': {'url': data_uri(self.png[0])}}]}]}
        plain = self.json_of(self.server.post_json('/v1/embeddings', asked))['data'][0]['embedding']
        coded = self.json_of(self.server.post_json('/v1/embeddings', {**asked, 'encoding_format': 'base64'}))['data'][0]['embedding']
        self.assertEqual([struct.pack('<f', x) for x in plain], [struct.pack('<f', x) for x, in struct.iter_unpack('<f', base64.b64decode(coded))])
        self.assertAlmostEqual(sum(x * x for x in plain), 1, places=5)

    def test_other_clients_paths_say_the_same(self):
        asked = chat(self.png[0], 'Is there a pleural effusion?')
        text = self.json_of(self.server.post_json('/v1/chat/completions', asked))['choices'][0]['message']['content']
        for path in ('/openai/deployments/hilum-demo/chat/completions?api-version=2024-10-21', '/openai/v1/chat/completions', '/chat/completions?api-version=2024-05-01-preview'):
            self.assertEqual(self.json_of(self.server.post_json(path, asked))['choices'][0]['message']['content'], text)
        self.json_of(self.server.post_json('/openai/deployments/other/chat/completions', asked), 404)
        parts = [{'type': 'input_text', 'text': 'Is there a pleural effusion?'}, {'type': 'input_image', 'image_url': data_uri(self.png[0])}]
        for path in ('/v1/responses', '/openai/responses', '/openai/v1/responses'):
            response = self.json_of(self.server.post_json(path, {'input': [{'role': 'user', 'content': parts}]}))
            self.assertEqual((response['status'], response['output'][0]['content'][0]['text']), ('completed', text))
        status, headers, body = self.server.post_json('/v1/responses', {'input': [{'role': 'user', 'content': parts}], 'stream': True})
        self.assertEqual((status, headers['content-type']), (200, 'text/event-stream'))
        events = [json.loads(line[6:]) for line in body.decode().split('\n') if line.startswith('data: ')]
        self.assertEqual([event['sequence_number'] for event in events], list(range(len(events))))
        self.assertEqual(''.join(event['delta'] for event in events if event['type'] == 'response.output_text.delta'), text)
        self.assertEqual(events[-1]['response']['output'][0]['content'][0]['text'], text)
        vector = self.json_of(self.server.post_json('/v1/embeddings', {'input': data_uri(self.png[0])}))['data'][0]['embedding']
        for path, body in (('/images/embeddings', {'input': [{'image': data_uri(self.png[0])}]}), ('/embeddings', {'input': [data_uri(self.png[0])]}),
                           ('/openai/deployments/hilum-demo/embeddings', {'input': data_uri(self.png[0])})):
            self.assertEqual(self.json_of(self.server.post_json(path, body))['data'][0]['embedding'], vector)
        self.assertEqual(self.json_of(self.server.get('/info')), {'model_name': 'hilum-demo', 'model_type': 'chat-completion', 'model_provider_name': 'hilum'})

    def test_a_schema_may_take_more_than_the_tasks_length(self):
        schema = {'type': 'object', 'properties': {f'place {i}': {'enum': ['absent']} for i in range(12)}, 'required': [f'place {i}' for i in range(12)]}
        got = self.json_of(self.server.post_json('/v1/chat/completions', chat(self.png[0], 'What is seen?', response_format={'type': 'json_schema', 'json_schema': {'schema': schema}})))
        self.assertEqual(json.loads(got['choices'][0]['message']['content']), {f'place {i}': 'absent' for i in range(12)})
        self.assertGreater(got['usage']['completion_tokens'], 60)   # the task's own limit

    def test_a_null_answer_is_no_turn(self):
        image = chat(self.png[0], 'Is there a pleural effusion?')['messages']
        null = self.json_of(self.server.post_json('/v1/chat/completions', {'messages': [*image, {'role': 'assistant', 'content': None}, {'role': 'user', 'content': 'Which side?'}]}))
        together = self.json_of(self.server.post_json('/v1/chat/completions', {'messages': [*image, {'role': 'user', 'content': 'Which side?'}]}))
        self.assertEqual(null['choices'][0]['message'], together['choices'][0]['message'])

    def test_grounding_is_the_command_lines(self):
        wanted = json.loads(hilum('ground', self.phantoms.paths['png'][0], '--phrase', 'pleural effusion', '--format', 'json'))
        got = self.json_of(self.server.post_parts('/v1/grounding', {'frontal': self.png[0]}, {'phrase': 'pleural effusion', 'study_id': wanted['study_id']}))
        self.assertEqual(timeless(got), timeless(wanted))

    def test_a_phrase_is_held_and_doubted_where_no_finding_is_known(self):
        for phrase, doubted in (('Small left pleural effusion.', False), ('There is a banana.', True)):
            got = self.json_of(self.server.post_parts('/v1/grounding', {'frontal': self.png[0]}, {'phrase': phrase}))
            self.assertEqual([finding['text'] for finding in got['findings']], [phrase])
            self.assertEqual(any('names no finding' in warning for warning in got['warnings']), doubted, got['warnings'])
        status, _, body = self.server.post_parts('/v1/reports', {'frontal': self.png[0]}, {'task': 'phrase'})
        self.assertEqual(status, 400, body)
        self.assertIn('phrase', json.loads(body)['error']['message'])

    def test_a_streamed_report_ends_with_the_whole_one(self):
        whole = self.json_of(self.server.post_parts('/v1/reports', {'frontal': self.png[0]}))
        status, headers, body = self.server.post_parts('/v1/reports', {'frontal': self.png[0]}, headers={'Accept': 'text/event-stream'})
        self.assertEqual(status, 200)
        events = [dict(line.split(': ', 1) for line in event.split('\n')) for event in body.decode().strip().split('\n\n') if event.startswith('event')]
        report = json.loads(events[-1]['data'])
        self.assertEqual(events[-1]['event'], 'report')
        self.assertEqual(timeless(report), timeless(whole))
        findings = [json.loads(event['data']) for event in events if event['event'] == 'finding']
        self.assertEqual([(f['text'], f['boxes']) for f in findings], [(f['text'], f['boxes']) for f in whole['findings']])
        text = ''.join(json.loads(event['data'])['text'] for event in events if event['event'] == 'piece')
        self.assertEqual(text, ' '.join(f['text'] for f in whole['findings']))

    def test_clinical_forms_and_their_refusals(self):
        report = self.json_of(self.server.post_parts('/v1/reports', {'frontal': self.dicom[0]}))
        fhir = {'Accept': 'application/fhir+json'}
        sr = {'Accept': 'application/dicom'}
        self.assertEqual(self.server.post_parts('/v1/reports', {'frontal': self.dicom[0]}, {}, fhir)[0], 409)
        status, _, body = self.server.post_parts('/v1/reports', {'frontal': self.png[0]}, {'allow_demo': True}, sr)
        self.assertEqual(status, 422)
        self.assertIn('DICOM', json.loads(body)['error']['message'])
        resource = self.json_of(self.server.post_parts('/v1/reports', {}, {'report': report, 'allow_demo': True}, fhir))
        self.assertEqual(resource['resourceType'], 'DiagnosticReport')
        self.assertEqual(resource['status'], 'preliminary')
        status, headers, body = self.server.post_parts('/v1/reports', {'frontal': self.dicom[0]}, {'report': report, 'allow_demo': True}, sr)
        self.assertEqual((status, headers['content-type'], body[128:132]), (200, 'application/dicom', b'DICM'))
        self.assertTrue(any(finding['boxes'] for finding in report['findings']))
        self.assertIn(b'Imaging Measurement Report', body)
        status, _, body = self.server.post_parts('/v1/reports', {'frontal': self.dicom[0]}, {'report': report, 'allow_demo': True, 'sr': 'text'}, sr)
        self.assertEqual((status, body[128:132], b'Imaging Measurement Report' in body, b'Diagnostic Imaging Report' in body), (200, b'DICM', False, True))
        self.assertEqual(self.server.post_parts('/v1/reports', {'frontal': self.dicom[0]}, {'report': report, 'sr': 'pdf'}, sr)[0], 400)

    def test_pictures_for_the_viewer(self):
        status, headers, body = self.server.post_parts('/v1/images', {'image': self.dicom[0]})
        about = json.loads(headers['x-hilum-image'])
        self.assertEqual((status, len(body)), (200, 2 * about['width'] * about['height']))
        self.assertEqual(about['bits'], 16)
        samples = {x for x, in struct.iter_unpack('<H', body)}
        self.assertTrue(any(x % 257 for x in samples))

    def test_what_tells_how_things_stand(self):
        self.assertEqual(self.json_of(self.server.get('/health')), {'status': 'ok'})
        self.assertEqual(self.server.get('/livez')[0], 200)
        self.assertEqual(self.server.get('/readyz')[0], 200)
        metrics = self.server.get('/metrics')[2].decode()
        for name in ('hilum_requests_total', 'hilum_queue_depth', 'hilum_time_to_first_token_seconds_bucket', 'hilum_generated_tokens_total'):
            self.assertIn(name, metrics)
        models = self.json_of(self.server.get('/v1/models'))['data']
        self.assertEqual([model['id'] for model in models], ['hilum-demo'])
        self.assertEqual(self.json_of(self.server.get('/v1/models/hilum-demo'))['hilum']['demo'], True)
        self.assertEqual(self.server.get('/v1/models/other')[0], 404)

    def test_the_description_has_every_route(self):
        paths = self.json_of(self.server.get('/openapi.json'))['paths']
        for path, methods in paths.items():
            for method in methods:
                if method not in ('get', 'post'):
                    continue
                at = path.replace('{model}', 'hilum-demo').replace('{id}', 'hilum-demo').replace('{file}', 'main.js')
                status = self.server.send(method.upper(), at, b'' if method == 'post' else None)[0]
                self.assertNotIn(status, (404, 405), f'{method} {path}')
        for path in ('/score', '/invocations', '/ping', '/version', '/v1/chat/completions', '/v1/embeddings', '/v1/models', '/v1/reports', '/v1/grounding', '/v1/classify',
                     '/v1/search', '/v1/images', '/health', '/livez', '/readyz', '/metrics', '/openapi.json'):
            self.assertIn(path, paths)


class Forms(unittest.TestCase):
    def test_documents_form_and_two_models_by_name(self):
        phantoms = Phantoms(1)
        demo = os.environ['HILUM_DEMO']
        with Server('--model', f'a={demo}', '--model', f'b={demo}', '--score-form', 'documents') as server:
            status, _, body = server.post_json('/score', score([[b64(phantoms.png[0])]]), {'azureml-model-deployment': 'b'})
            self.assertEqual(status, 200)
            self.assertIsInstance(json.loads(body)['output'], list)
            self.assertEqual({model['id'] for model in json.loads(server.get('/v1/models')[2])['data']}, {'a', 'b'})

    def test_search_finds_the_picture_itself(self):
        phantoms = Phantoms(4)
        with tempfile.TemporaryDirectory() as folder:
            index = os.path.join(folder, 'films.db')
            hilum('search', 'index', *phantoms.paths['png'], '--index', index)
            with Server('--index', index) as server:
                hits = json.loads(server.post_parts('/v1/search', {'image': phantoms.png[2]}, {'top': 2})[2])['results']
                self.assertEqual((hits[0]['path'], hits[0]['rank'], len(hits)), (phantoms.paths['png'][2], 1, 2))
                self.assertGreater(hits[0]['score'], 0.9999)

    def test_options_from_file_and_environment(self):
        with tempfile.NamedTemporaryFile('w', suffix='.toml') as config:
            config.write('slots = 3\nqueue = 5\n')
            config.flush()
            with Server('--config', config.name, env={'HILUM_SERVE_SLOTS': '2'}) as server:
                self.assertIn('2 at once', server.read_log())
            with Server('--config', config.name) as server:
                self.assertIn('3 at once', server.read_log())


if __name__ == '__main__':
    unittest.main()
