"""A running `hilum serve` for the tests, and plain HTTP clients for it. Python's standard library alone."""
import atexit
import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

HILUM = os.environ.get('HILUM', 'build/release/hilum')


class Server:
    """`hilum serve` on a free port. Leaving the context sends SIGTERM and wants exit code 0."""

    def __init__(self, *options, env=None, scheme='http'):
        self.log = tempfile.NamedTemporaryFile('w+', suffix='.log')
        self.process = subprocess.Popen([HILUM, 'serve', '--port', '0', '--log-json', *options], stderr=self.log, stdout=subprocess.DEVNULL,
                                        env={**os.environ, **(env or {})})
        self.scheme = scheme
        end = time.monotonic() + 120
        while True:
            found = re.search(r'listening on \w+://[^"]*:(\d+)', self.read_log())
            if found:
                self.port = int(found.group(1))
                return
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError('the server did not start: ' + self.read_log())
            time.sleep(0.05)

    def read_log(self):
        with open(self.log.name) as file:
            return file.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            code = self.stop()
            assert code == 0, f'exit code {code}: {self.read_log()[-2000:]}'

    def memory_kib(self):
        with open(f'/proc/{self.process.pid}/status') as status:
            return int(re.search(r'RssAnon:\s+(\d+)', status.read()).group(1))

    def connect(self, timeout=120):
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout)

    def send(self, method, path, body=None, headers=None, connection=None):
        """(status, headers, body) of one request."""
        made = connection or self.connect()
        made.request(method, path, body=body, headers=headers or {})
        answer = made.getresponse()
        result = answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), answer.read()
        if connection is None:
            made.close()
        return result

    def get(self, path, headers=None):
        return self.send('GET', path, headers=headers)

    def post_json(self, path, value, headers=None, connection=None):
        return self.send('POST', path, json.dumps(value).encode(), {'Content-Type': 'application/json', **(headers or {})}, connection)

    def post_parts(self, path, files, context=None, headers=None, connection=None):
        body, kind = multipart(files, context)
        return self.send('POST', path, body, {'Content-Type': kind, **(headers or {})}, connection)

    def raw(self, data, wait=5.0):
        """What the server answers to these bytes; b'' where it closes without a word."""
        with socket.create_connection(('127.0.0.1', self.port), timeout=wait) as wire:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                wire.sendall(data)
            answer = b''
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                while piece := wire.recv(65536):
                    answer += piece
            return answer


def multipart(files, context=None):
    """Body and content type; files: name -> bytes."""
    mark = 'hilum-test-5f1e'
    body = b''
    for name, content in files.items():
        body += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + content + b'\r\n'
    if context is not None:
        body += f'--{mark}\r\nContent-Disposition: form-data; name="context"\r\nContent-Type: application/json\r\n\r\n{json.dumps(context)}\r\n'.encode()
    return body + f'--{mark}--\r\n'.encode(), f'multipart/form-data; boundary={mark}'


def data_uri(image, kind='image/png'):
    return f'data:{kind};base64,' + base64.b64encode(image).decode()


def chat(image, text, **more):
    return {'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': text}, {'type': 'image_url', 'image_url': {'url': data_uri(image)}}]}], **more}


def score(rows, columns=('frontal_image',)):
    return {'input_data': {'columns': list(columns), 'index': list(range(len(rows))), 'data': [list(row) for row in rows]}, 'params': {}}


def b64(image):
    return base64.encodebytes(image).decode()


def hilum(*arguments):
    """stdout of a run of the command line."""
    return subprocess.run([HILUM, *arguments, '--quiet'], check=True, stdout=subprocess.PIPE).stdout


class Phantoms:
    """A few studies, as PNG and DICOM."""

    def __init__(self, count=4, seed=507):
        self.folder = tempfile.mkdtemp(prefix='hilum-serve-')
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.paths = {}
        for form, ending in (('png', 'png'), ('dicom', 'dcm')):
            root = os.path.join(self.folder, form)
            hilum('phantom', '--seed', str(seed), '--count', str(count), '--format', form, '--size', '384', '--lateral', '--prior', '-o', root)
            self.paths[form] = [os.path.join(root, 'images', f'p{i:06}_f.{ending}') for i in range(count)]
        self.png = [pathlib.Path(path).read_bytes() for path in self.paths['png']]
        self.dicom = [pathlib.Path(path).read_bytes() for path in self.paths['dicom']]


def timeless(report):
    """A report without what differs from run to run."""
    report = dict(report)
    report.pop('timing_ms', None)
    return report


def together(count, act):
    """Runs act(0) .. act(count-1) at once; their results in order, exceptions included."""
    results = [None] * count

    def run(i):
        try:
            results[i] = act(i)
        except Exception as error:  # the caller looks at it
            results[i] = error
    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
