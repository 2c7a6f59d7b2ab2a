"""What the server does with requests that other servers have taken wrongly: rows(hilum) yields (name, right, detail). A constraint is kept or refused by its
field's name; what cannot be read is named for what it is, on every route alike. Run alone: server_cases.py HILUM."""
import base64
import datetime
import ipaddress
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import uuid
import zlib

SERVE = pathlib.Path(__file__).resolve().parents[1] / 'serve'


def png(size=224):
    """A smooth grey picture; its content does not matter here."""
    rows = b''.join(b'\0' + bytes((x + 2 * y) * 255 // (3 * size) for x in range(size)) for y in range(size))

    def chunk(name, data):
        return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', size, size, 8, 0, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def fits(schema, value, root=None):
    """Python's own reading of the keywords that the rows use."""
    root = schema if root is None else root
    if '$ref' in schema:
        target = root
        for step in schema['$ref'].split('/')[1:]:
            target = target[step]
        return fits(target, value, root)
    if 'anyOf' in schema:
        return any(fits(one, value, root) for one in schema['anyOf'])
    if 'enum' in schema and value not in schema['enum'] or 'const' in schema and value != schema['const']:
        return False
    kinds = {'object': dict, 'array': list, 'string': str, 'integer': int, 'number': (int, float), 'boolean': bool, 'null': type(None)}
    types = schema.get('type', [])
    types = [types] if isinstance(types, str) else types
    if types and not any(isinstance(value, kinds[one]) and not (isinstance(value, bool) and one in ('integer', 'number')) for one in types):
        return False
    if isinstance(value, dict):
        known = schema.get('properties', {})
        return (all(name in value for name in schema.get('required', [])) and [name for name in known if name in value] == list(value)
                and all(fits(known[name], value[name], root) for name in value))
    if isinstance(value, list):
        return schema.get('minItems', 0) <= len(value) <= schema.get('maxItems', 10 ** 9) and all(fits(schema.get('items', {}), one, root) for one in value)
    if isinstance(value, str):
        formats = {'date': datetime.date.fromisoformat, 'uuid': uuid.UUID, 'ipv4': ipaddress.IPv4Address, 'ipv6': ipaddress.IPv6Address,
                   'date-time': lambda text: datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))}
        if schema.get('format') in formats:
            try:
                formats[schema['format']](value)
            except ValueError:
                return False
        return (schema.get('minLength', 0) <= len(value) <= schema.get('maxLength', 10 ** 9)) and re.search(schema.get('pattern', ''), value) is not None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (schema.get('minimum', -1e300) <= value <= schema.get('maximum', 1e300)) and value > schema.get('exclusiveMinimum', -1e300)
    return True


def closed(**properties):
    return {'type': 'object', 'properties': properties, 'required': list(properties), 'additionalProperties': False}


NODE = closed(v={'type': 'integer', 'minimum': 1, 'maximum': 9}, next={'anyOf': [{'$ref': '#/$defs/node'}, {'type': 'null'}]})
SCHEMAS = {
    'integer': closed(a={'type': 'integer'}),
    'enum and null': closed(side={'anyOf': [{'enum': ['left', 'right']}, {'type': 'null'}]}),
    'bounds': closed(p={'type': 'number', 'minimum': 0, 'maximum': 1}, n={'type': 'integer', 'exclusiveMinimum': 0, 'maximum': 120}),
    'pattern': closed(code={'type': 'string', 'pattern': r'^[A-Z]{2}-\d{3}$'}),
    'formats': closed(**{name: {'type': 'string', 'format': name} for name in ('date', 'date-time', 'uuid', 'ipv4', 'ipv6')}),
    'keys in order': closed(z={'type': 'boolean'}, a={'enum': [1, 2]}, m={'type': 'null'}),
    'reference': {'$ref': '#/$defs/node', '$defs': {'node': NODE}},
    'lists': closed(boxes={'type': 'array', 'minItems': 1, 'maxItems': 2, 'items': {'type': 'array', 'minItems': 4, 'maxItems': 4, 'items': {'type': 'number', 'minimum': 0, 'maximum': 1}}}),
    'long text': closed(text={'type': 'string', 'minLength': 1, 'maxLength': 400}, end={'const': 'x'}),
}


def rows(hilum):
    os.environ['HILUM'] = str(hilum)
    sys.path.insert(0, str(SERVE))
    import server as serving
    serving.HILUM = str(hilum)
    picture = png()
    uri = serving.data_uri(picture)
    with serving.Server() as server:
        def post(path, value):
            status, headers, body = server.send('POST', path, value if isinstance(value, bytes) else json.dumps(value).encode(), {'Content-Type': 'application/json'})
            return status, headers, body.decode(errors='replace')

        def chat(**more):
            return post('/v1/chat/completions', serving.chat(picture, 'Is there an effusion?', **more))

        def content(body):
            return json.loads(body)['choices'][0]['message']['content']

        def refused(name, answer, *words, status=400):
            return name, answer[0] == status and all(word in answer[2] for word in words), f'{answer[0]} {answer[2][:300]}'

        def is_json(name, answer, schema):
            try:
                return name, answer[0] == 200 and fits(schema, json.loads(content(answer[2]))), f'{answer[0]} {answer[2][:500]}'
            except ValueError as error:
                return name, False, f'{error}: {answer[2][:500]}'

        # tools
        tools = [{'type': 'function', 'function': {'name': name, 'parameters': {'type': 'object', 'properties': {}}}} for name in ('measure', 'count')]
        for choice in (None, 'auto', 'none'):
            answer = chat(tools=tools, **({} if choice is None else {'tool_choice': choice}))
            yield f'tools, tool_choice {choice}', answer[0] == 200 and 'tools' in json.loads(answer[2]).get('warnings', [''])[0], answer[2][:300]
        named = {'type': 'function', 'function': {'name': 'measure'}}
        for choice in ('required', named, {'type': 'allowed_tools', 'allowed_tools': {'mode': 'required', 'tools': [named]}}):
            yield refused(f'tool_choice {json.dumps(choice)}', chat(tools=tools, tool_choice=choice), 'tool_choice')
        yield refused('function_call', chat(functions=[{'name': 'measure'}], function_call={'name': 'measure'}), 'function_call')

        # forms, under every name
        for name, schema in SCHEMAS.items():
            yield is_json(f'json_schema: {name}', chat(response_format={'type': 'json_schema', 'json_schema': {'name': 'a', 'schema': schema}}), schema)
        for name, form in {
                'json_object with a schema': lambda schema: {'response_format': {'type': 'json_object', 'schema': schema}},
                'json_schema at the top': lambda schema: {'json_schema': schema},
                'guided_json': lambda schema: {'guided_json': schema},
                'guided_json as text': lambda schema: {'guided_json': json.dumps(schema)},
                'structured_outputs.json': lambda schema: {'structured_outputs': {'json': schema}}}.items():
            for kind in ('integer', 'enum and null', 'bounds'):
                yield is_json(f'{name}: {kind}', chat(max_tokens=200, **form(SCHEMAS[kind])), SCHEMAS[kind])
        choices = ['left', 'right (not left).']
        for name, form in {'guided_choice': {'guided_choice': choices}, 'structured_outputs.choice': {'structured_outputs': {'choice': choices}}}.items():
            answer = chat(**form)
            yield name, answer[0] == 200 and content(answer[2]) in choices, answer[2][:300]
        pattern = r'(yes|no), [a-z]{3,8}'
        for name, form in {'guided_regex': {'guided_regex': pattern}, 'regex': {'regex': pattern}, 'structured_outputs.regex': {'structured_outputs': {'regex': pattern}}}.items():
            answer = chat(**form)
            yield name, answer[0] == 200 and re.fullmatch(pattern, content(answer[2])) is not None, answer[2][:300]
        for field, value in {'grammar': 'root ::= "yes"', 'guided_grammar': 'root ::= "yes"', 'structural_tag': '{}', 'ebnf': 'x', 'logit_bias': {'5': -100}, 'bad_words': ['no'],
                             'min_tokens': 5, 'allowed_token_ids': [1], 'modalities': ['text', 'audio']}.items():
            yield refused(field, chat(**{field: value}), field)
        yield refused('structured_outputs.grammar', chat(structured_outputs={'grammar': 'x'}), 'structured_outputs.grammar')
        yield refused('two forms', chat(guided_regex='a', guided_choice=['a']), 'guided_choice', 'guided_regex')
        for field, schema in {'not': {'not': {}}, 'uniqueItems': {'type': 'array', 'uniqueItems': True}, 'patternProperties': {'patternProperties': {}}, 'format': {'type': 'string', 'format': 'iri'}}.items():
            yield refused(f'schema with {field}', chat(guided_json=schema), 'guided_json', field)

        # base64
        lines = base64.encodebytes(picture).decode()
        text = lines.replace('\n', '')
        table = ('frontal_image',)
        for name, coded in {'line feeds': lines, 'CR LF': lines.replace('\n', '\r\n'), 'tabs': lines.replace('\n', '\t'), 'blanks': lines.replace('\n', ' ')}.items():
            answers = {'/v1/chat/completions': post('/v1/chat/completions', json.loads(json.dumps(serving.chat(picture, 'Is there an effusion?')).replace(text, json.dumps(coded)[1:-1]))),
                       '/score': post('/score', serving.score([[coded]], table)), '/v1/embeddings': post('/v1/embeddings', {'input': 'data:image/png;base64,' + coded})}
            for path, answer in answers.items():
                yield f'base64 with {name}, {path}', answer[0] == 200, answer[2][:200]
        short = base64.b64encode(picture + b'\0' * ((1 - len(picture)) % 3)).decode().rstrip('=')
        assert len(short) % 4
        for path, body in {'/v1/chat/completions': json.dumps(serving.chat(picture, 'x')).replace(text, short).encode(), '/score': json.dumps(serving.score([[short]], table)).encode(),
                           '/v1/embeddings': json.dumps({'input': 'data:image/png;base64,' + short}).encode()}.items():
            yield refused(f'base64 without its padding, {path}', post(path, body), 'padding')

        # numbers that JSON does not have
        for word in ('NaN', 'Infinity', '-Infinity'):
            bodies = {'/score': json.dumps(serving.score([[text]], table)).replace('"params": {}', f'"params": {{"x": {word}}}'),
                      '/invocations': json.dumps({'dataframe_records': [{'frontal_image': text, 'indication': 0}]}).replace(': 0', f': {word}'),
                      '/v1/chat/completions': json.dumps(serving.chat(picture, 'x', temperature=0)).replace('"temperature": 0', f'"temperature": {word}'),
                      '/v1/responses': json.dumps({'input': 'x', 'temperature': 0}).replace('"temperature": 0', f'"temperature": {word}'),
                      '/v1/embeddings': json.dumps({'input': uri, 'dimensions': 0}).replace('"dimensions": 0', f'"dimensions": {word}')}
            for path, body in bodies.items():
                yield refused(f'{word}, {path}', post(path, body.encode()), word.lstrip('-'), 'null')
            parts, kind = serving.multipart({'frontal': picture}, {'seed': 0})
            status, headers, body = server.send('POST', '/v1/reports', parts.replace(b'"seed": 0', b'"seed": ' + word.encode()), {'Content-Type': kind})
            yield refused(f'{word}, /v1/reports', (status, headers, body.decode()), word.lstrip('-'), 'null')

        # the tokens of the grounded form
        for more in ({}, {'guided_json': SCHEMAS['long text']}, {'temperature': 2, 'seed': 3, 'max_tokens': 100}):
            answer = chat(**more)
            yield f'no control token in an answer, {json.dumps(more)[:40]}', answer[0] == 200 and not re.search(r'</?(obj|box)>|<[xy]\d+>', content(answer[2])), answer[2][:300]

        # a picture far from the demo model's phantoms
        answer = chat()
        yield 'the notice of a far picture in the answer', 'meaningless for patients' in content(answer[2]) and 'meaningless for patients' in json.loads(answer[2])['warnings'][-1], answer[2][:400]

        # a second server on the port
        second = subprocess.run([hilum, 'serve', '--port', str(server.port)], capture_output=True, text=True, timeout=120)
        yield 'a second server on the port', second.returncode == 2 and f'{pathlib.Path(hilum).name} (process {server.process.pid})' in second.stderr and 'listening' not in second.stderr, second.stderr[-300:]


def main():
    bad = count = 0
    for name, right, detail in rows(sys.argv[1]):
        count += 1
        bad += not right
        if not right:
            print(f'WRONG: {name}: {detail}')
    print(f'{count - bad} of {count} right')
    return bad > 0


if __name__ == '__main__':
    sys.exit(main())
