"""Clients that mean no good, or leave: the right status in the route's own form, nothing leaked, other requests unharmed."""
import contextlib
import json
import os
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest
import zlib

from server import Phantoms, Server, b64, chat, multipart, score, timeless, together


def huge_png(width=60000, height=60000):
    """A header that promises 3.6 gigapixels."""
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(b'\0' * 1000)) + chunk(b'IEND', b'')


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.phantoms = Phantoms(2)
        cls.png = cls.phantoms.png[0]
        cls.server = Server('--max-body-mib', '4', '--header-timeout', '2', '--body-timeout', '2', '--idle-timeout', '3', '--max-connections', '48')
        cls.wanted = json.loads(cls.server.post_parts('/v1/reports', {'frontal': cls.png})[2])

    @classmethod
    def tearDownClass(cls):
        assert cls.server.process.poll() is None, cls.server.read_log()
        code = cls.server.stop()
        assert code == 0, code

    def tearDown(self):
        """Whatever was done, the next one is served as ever."""
        self.assertIsNone(self.server.process.poll(), self.server.read_log()[-2000:])
        status, _, body = self.server.post_parts('/v1/reports', {'frontal': self.png})
        self.assertEqual(status, 200, body)
        self.assertEqual(timeless(json.loads(body)), timeless(self.wanted))

    def refused(self, answer, status, *words):
        self.assertEqual(answer[0], status, answer[2][:400])
        for word in words:
            self.assertIn(word, answer[2].decode())
        return json.loads(answer[2])

    def test_malformed_bodies_in_each_routes_own_form(self):
        for body in (b'', b'{', b'[]', b'\xff\xfe', b'{"a":' * 500, b'{"messages":1e999}', b'null', b'{"messages":[],"messages":[]}'):
            for path, key in (('/score', 'message'), ('/invocations', 'error_code'), ('/v1/chat/completions', 'error'), ('/v1/embeddings', 'error')):
                answer = self.server.send('POST', path, body, {'Content-Type': 'application/json'})
                self.assertIn(key, self.refused(answer, 400), path)
        answer = self.server.send('POST', '/v1/reports', b'--x\r\nnonsense', {'Content-Type': 'multipart/form-data; boundary=x'})
        self.assertEqual(answer[0], 400)

    def test_columns_cells_and_pictures_at_fault(self):
        self.refused(self.server.post_json('/score', score([[b64(self.png)]], ['frontal'])), 400, 'frontal')
        self.refused(self.server.post_json('/score', score([['Cough.']], ['indication'])), 400, 'frontal_image')
        self.refused(self.server.post_json('/score', score([[b64(self.png)[:-7]]])), 400)
        self.refused(self.server.post_json('/score', score([[b64(self.png[:2000])]])), 400)
        self.refused(self.server.post_parts('/v1/reports', {'frontal': huge_png()}), 400, 'megapixel')
        self.refused(self.server.post_parts('/v1/reports', {'lateral': self.png}), 400, 'frontal')
        self.refused(self.server.post_parts('/v1/reports', {'frontal': self.png}, {'tsak': 'grounded'}), 400, 'task')
        self.refused(self.server.post_parts('/v1/reports', {'frontal': self.png}, {'task': 'poem'}), 400, 'grounded')

    def test_urls_are_refused_and_never_fetched(self):
        with socket.create_server(('127.0.0.1', 0)) as trap:
            url = f'http://127.0.0.1:{trap.getsockname()[1]}/film.png'
            asked = chat(self.png, 'Is it normal?')
            asked['messages'][0]['content'][1]['image_url']['url'] = url
            self.refused(self.server.post_json('/v1/chat/completions', asked), 400)
            for other in ('https://example.org/a.png', 'file:///etc/passwd', 'ftp://a/b'):
                asked['messages'][0]['content'][1]['image_url']['url'] = other
                self.refused(self.server.post_json('/v1/chat/completions', asked), 400)
            trap.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                trap.accept()

    def test_bodies_past_the_limit(self):
        big = b'x' * (5 << 20)
        answer = self.server.raw(b'POST /v1/reports HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % len(big) + big[:100000])
        self.assertTrue(answer.startswith(b'HTTP/1.1 413'), answer[:200])
        answer = self.server.raw(b'POST /v1/reports HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n' + b'x' * 1024 + b'\r\n')
        self.assertTrue(answer.startswith(b'HTTP/1.1 411'), answer[:200])
        answer = self.server.raw(b'POST /score HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n0123456789')
        self.assertTrue(answer.startswith(b'HTTP/1.1 415'), answer[:200])
        for length in (b'-1', b'1e3', b'99999999999999999999'):
            answer = self.server.raw(b'POST /score HTTP/1.1\r\nHost: a\r\nContent-Length: ' + length + b'\r\n\r\n')
            self.assertRegex(answer, rb'^HTTP/1.1 4|^$')

    def test_bodies_in_chunks_are_read_within_the_limit(self):
        def pieces(body, size):
            return b''.join(b'%x\r\n' % len(body[i:i + size]) + body[i:i + size] + b'\r\n' for i in range(0, len(body), size))

        head = b'POST /score HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n'
        body = json.dumps(score([[b64(self.png)]])).encode()
        wanted = self.server.send('POST', '/score', body, {'Content-Type': 'application/json'})[2]
        for size in (7, 5000, len(body)):
            answer = self.server.raw(head + b'Connection: close\r\n\r\n' + pieces(body, size) + b'0\r\n\r\n')
            self.assertTrue(answer.startswith(b'HTTP/1.1 200') and answer.endswith(wanted), answer[:300])
        before = self.server.memory_kib()
        answer = self.server.raw(head + b'\r\n' + pieces(b'x' * (40 << 20), 1 << 20) + b'0\r\n\r\n')
        self.assertTrue(answer.startswith(b'HTTP/1.1 413'), answer[:200])
        self.assertLess(self.server.memory_kib() - before, 24 << 10)
        for bad in (b'zz\r\nabc\r\n', b'5\r\nabc'):
            self.assertRegex(self.server.raw(head + b'\r\n' + bad), rb'^HTTP/1.1 4|^$')
        answer = self.server.raw(head + b'Content-Length: 5\r\n\r\n0\r\n\r\n')
        self.assertTrue(answer.startswith(b'HTTP/1.1 400'), answer[:200])
        answer = self.server.raw(head.replace(b'chunked', b'gzip, chunked') + b'\r\n0\r\n\r\n')
        self.assertTrue(answer.startswith(b'HTTP/1.1 501'), answer[:200])

    def test_a_second_request_behind_an_unread_body_is_not_served(self):
        inner = b'GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n'
        answer = self.server.raw(b'POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % len(inner) + inner)
        self.assertEqual(answer.count(b'HTTP/1.1'), 1, answer)
        self.assertTrue(answer.startswith(b'HTTP/1.1 404'))

    def test_slow_headers_and_bodies_are_cut_off(self):
        for opening in (b'GET /health HT', b'POST /score HTTP/1.1\r\nHost: a\r\nX-Slow: ', b'POST /score HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{'):
            with socket.create_connection(('127.0.0.1', self.server.port)) as wire:
                wire.settimeout(10)
                start = time.monotonic()
                wire.sendall(opening)
                with contextlib.suppress(ConnectionError):
                    while time.monotonic() - start < 9:   # a byte now and then
                        wire.sendall(b'a')
                        wire.settimeout(0.4)
                        try:
                            if wire.recv(1000) == b'':
                                break
                        except TimeoutError:
                            pass
                self.assertLess(time.monotonic() - start, 6, opening)

    def test_many_slow_clients_do_not_shut_others_out(self):
        wires = [socket.create_connection(('127.0.0.1', self.server.port)) for _ in range(47)]
        try:
            for wire in wires:
                wire.sendall(b'GET /')
            self.assertEqual(self.server.get('/health')[0], 200)      # the last place
            time.sleep(3.5)                                           # and the others are free again
            self.assertEqual(together(20, lambda i: self.server.get('/health')[0]), [200] * 20)
        finally:
            for wire in wires:
                wire.close()

    def test_connections_past_the_limit_are_told_so(self):
        wires = [socket.create_connection(('127.0.0.1', self.server.port)) for _ in range(60)]
        time.sleep(0.3)
        told = 0
        for wire in wires:
            wire.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                answer = wire.recv(1000)
                told += answer.startswith(b'HTTP/1.1 503') and b'Retry-After' in answer
                self.assertRegex(answer, rb'^HTTP/1.1 503|^$')        # or cut off meanwhile for its silence
            wire.close()
        self.assertGreaterEqual(told, 12)
        time.sleep(0.5)
        self.assertRegex(self.server.get('/metrics')[2].decode(), r'hilum_connections_refused_total (1[2-9]|[2-9]\d)')

    def test_floods_of_headers(self):
        many = b''.join(b'X-%d: y\r\n' % i for i in range(200000))
        self.assertRegex(self.server.raw(b'GET /health HTTP/1.1\r\nHost: a\r\n' + many + b'\r\n'), rb'^HTTP/1.1|^$')
        self.assertRegex(self.server.raw(b'GET /health HTTP/1.1\r\nHost: a\r\nX-Long: ' + b'y' * (1 << 20) + b'\r\n\r\n'), rb'^HTTP/1.1 4|^$')
        self.assertRegex(self.server.raw(b'GET /' + b'a' * 100000 + b' HTTP/1.1\r\nHost: a\r\n\r\n'), rb'^HTTP/1.1 4|^$')
        self.assertRegex(self.server.raw(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(200)), rb'^HTTP/1.1 4|^$')  # TLS to a plain port
        self.assertRegex(self.server.raw(b'BREW /coffee HTTP/1.1\r\nHost: a\r\n\r\n'), rb'^HTTP/1.1 4|^$')

    def test_times_in_the_log_are_those_of_requests(self):
        self.server.raw(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(200))
        self.server.raw(b'no request\r\n\r\n')
        entries = [json.loads(line) for line in self.server.read_log().splitlines() if '"ms"' in line]
        self.assertTrue(all(0 <= entry['ms'] < 600000 and entry['id'] for entry in entries), [entry for entry in entries if entry['ms'] >= 600000 or not entry['id']])

    def test_paths_do_not_leave_the_binary(self):
        for path in ('/viewer/../../../etc/passwd', '/viewer/%2e%2e/%2e%2e/etc/passwd', '/viewer/..%2f..%2fetc%2fpasswd', '//etc/passwd', '/viewer/', '/viewer/\\..\\x'):
            status, _, body = self.server.get(path)
            self.assertEqual(status, 404, path)
            self.assertNotIn(b'root:', body)

    def test_clients_that_leave_at_every_stage(self):
        body, kind = multipart({'frontal': self.png}, {})
        whole = b'POST /v1/reports HTTP/1.1\r\nHost: a\r\nContent-Type: ' + kind.encode() + b'\r\nAccept: text/event-stream\r\nContent-Length: %d\r\n\r\n' % len(body) + body
        for sent in (1, 20, 150, len(whole) // 2, len(whole) - 1, len(whole)):
            for linger in (False, True):
                with socket.create_connection(('127.0.0.1', self.server.port)) as wire:
                    if linger:                                        # a reset instead of a proper end
                        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                    wire.sendall(whole[:sent])
                    if sent == len(whole):
                        wire.recv(200)

    def test_nothing_of_a_request_is_logged(self):
        secret = 'Mrs-Secret-Name-1931'
        self.server.post_parts('/v1/reports', {'frontal': self.png}, {'indication': secret})
        self.server.post_json('/v1/chat/completions', chat(self.png, secret))
        self.server.post_json('/score', score([[b64(self.png), secret]], ['frontal_image', 'indicatoin']))
        self.server.get('/' + secret)
        log = self.server.read_log()
        self.assertNotIn(secret, log)
        self.assertIn('"route":"/v1/reports"', log)
        self.assertNotIn(secret, self.server.get('/metrics')[2].decode())


class Queue(unittest.TestCase):
    def test_a_full_queue_answers_429_at_once(self):
        phantoms = Phantoms(1)
        with Server('--slots', '1', '--queue', '1') as server:
            body, kind = multipart({'frontal': phantoms.png[0]}, {})
            server.post_parts('/v1/reports', {'frontal': phantoms.png[0]})

            def ask(_):
                start = time.monotonic()
                status, headers, _ = server.send('POST', '/v1/reports', body, {'Content-Type': kind})
                return status, headers.get('retry-after'), time.monotonic() - start
            results = [result for _ in range(3) for result in together(16, ask)]
            refused = [result for result in results if result[0] == 429]
            self.assertTrue(refused and all(result[0] in (200, 429) for result in results), results)
            self.assertTrue(all(result[1] == '1' for result in refused))
            times = sorted(result[2] for result in refused)
            print(f'{len(refused)} of {len(results)} refused, in {1000 * times[len(times) // 2]:.1f} ms (median), {1000 * times[-1]:.1f} ms (most)')
            self.assertLess(times[len(times) // 2], 0.05)

    def test_a_request_that_takes_too_long_is_given_up(self):
        phantoms = Phantoms(1)
        with Server('--slots', '1', '--request-timeout', '1') as server:
            results = together(24, lambda _: server.post_parts('/v1/reports', {'frontal': phantoms.png[0]})[0])
            self.assertTrue(set(results) <= {200, 408}, results)

    def test_a_client_says_how_long_it_waits(self):
        phantoms = Phantoms(1)
        image, rows = {'frontal': phantoms.png[0]}, score([[b64(phantoms.png[0])]])
        with Server() as server:
            for post in (lambda limit: server.post_parts('/v1/reports', image, headers={'X-Request-Timeout': limit}),
                         lambda limit: server.post_json('/score', rows, {'X-Request-Timeout': limit}),
                         lambda limit: server.post_json('/v1/chat/completions', chat(phantoms.png[0], 'What is there?'), {'X-Request-Timeout': limit})):
                self.assertEqual([post(limit)[0] for limit in ('0.001', '100', '0', '-1', 'nan', 'soon', '1s')], [408, 200, 400, 400, 400, 400, 400])
            status, _, body = server.post_parts('/v1/reports', image, headers={'X-Request-Timeout': '1s'})
            self.assertIn('X-Request-Timeout', json.loads(body)['error']['message'])


class Doors(unittest.TestCase):
    def test_keys(self):
        phantoms = Phantoms(1)
        with tempfile.NamedTemporaryFile('w') as keys:
            keys.write('# the keys\nfirst-key\n\nsecond-key\n')
            keys.flush()
            with Server('--api-key-file', keys.name) as server:
                for header in ({}, {'Authorization': 'Bearer wrong'}, {'Authorization': 'Bearer first-ke'}, {'Authorization': 'first-key'}, {'Authorization': 'Bearer '}):
                    status, headers, body = server.post_json('/score', score([[b64(phantoms.png[0])]]), header)
                    self.assertEqual((status, headers['www-authenticate']), (401, 'Bearer'))
                    self.assertIn('message', json.loads(body))
                for key in ('first-key', 'second-key'):
                    self.assertEqual(server.post_json('/score', score([[b64(phantoms.png[0])]]), {'Authorization': f'Bearer {key}'})[0], 200)
                for header in ({'Authorization': 'bearer second-key'}, {'Authorization': 'BEARER  second-key'}, {'api-key': 'second-key'}):
                    self.assertEqual(server.get('/v1/models', header)[0], 200, header)
                self.assertEqual([server.get('/v1/models', header)[0] for header in ({'api-key': 'wrong'}, {'api-key': ''}, {'Authorization': 'Basic second-key'})], [401] * 3)
                self.assertEqual([server.get(path)[0] for path in ('/health', '/livez', '/readyz', '/', '/metrics')], [200, 200, 200, 200, 401])
                self.assertNotIn('first-key', server.read_log())

    def test_tls(self):
        with tempfile.TemporaryDirectory() as folder:
            cert, key = os.path.join(folder, 'cert.pem'), os.path.join(folder, 'key.pem')
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1',
                            '-keyout', key, '-out', cert], check=True, capture_output=True)
            with Server('--tls-cert', cert, '--tls-key', key) as server:
                import http.client
                import ssl
                wire = http.client.HTTPSConnection('127.0.0.1', server.port, context=ssl.create_default_context(cafile=cert), timeout=20)
                self.assertEqual(server.send('GET', '/health', connection=wire)[0], 200)
                with contextlib.suppress(ConnectionError):
                    self.assertNotIn(b'200', server.raw(b'GET /health HTTP/1.1\r\nHost: a\r\n\r\n', wait=2))


class Drain(unittest.TestCase):
    def test_what_is_accepted_is_answered_before_the_end(self):
        phantoms = Phantoms(1)
        body, kind = multipart({'frontal': phantoms.png[0]}, {})
        server = Server('--slots', '2')
        wires = [server.connect() for _ in range(12)]
        for wire in wires:
            wire.request('POST', '/v1/reports', body, {'Content-Type': kind})
        deadline = time.monotonic() + 20
        while 'hilum_running{model="hilum-demo"} 0' in (text := server.get('/metrics')[2].decode()) and time.monotonic() < deadline:
            pass
        time.sleep(0.2)
        answers = []
        reader = threading.Thread(target=lambda: answers.extend(wire.getresponse().status for wire in wires))
        reader.start()
        self.assertEqual(server.stop(), 0)
        reader.join()
        self.assertEqual(answers, [200] * len(wires), text)


if __name__ == '__main__':
    unittest.main()
