"""Two replicas behind nginx (deploy/nginx.conf), one killed under load; and the routes of the Azure ML deployment file."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from server import Phantoms, Server, b64, multipart, score, timeless

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / 'deploy'


class Replicas(unittest.TestCase):
    def start_nginx(self, folder, first_port, second_port):
        """nginx before two servers, and what asks it as a server is asked. Another program may take the port before nginx does: then on another."""
        scratch = ''.join(f'{name}_temp_path {folder}/{name};\n' for name in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        front, config = Server.__new__(Server), pathlib.Path(folder) / 'nginx.conf'
        for _ in range(5):
            with socket.socket() as free:
                free.bind(('127.0.0.1', 0))
                front.port = free.getsockname()[1]
            text = (DEPLOY / 'nginx.conf').read_text()
            for port, ours in (('8080', front.port), ('8081', first_port), ('8082', second_port)):
                text = text.replace(f'127.0.0.1:{port}', f'127.0.0.1:{ours}')
            config.write_text(f'daemon off; {"user root;" if os.geteuid() == 0 else ""} pid {folder}/pid; error_log {folder}/error.log;\n' + text.replace('http {', f'http {{ access_log off;\n{scratch}', 1))
            nginx = subprocess.Popen([shutil.which('nginx') or '/usr/sbin/nginx', '-p', folder, '-c', str(config)], stderr=subprocess.DEVNULL)
            until = time.monotonic() + 5
            while nginx.poll() is None and time.monotonic() < until:
                try:
                    if front.get('/readyz')[0] == 200:
                        return nginx, front
                except OSError:
                    pass
                time.sleep(0.05)
            nginx.terminate()
            nginx.wait()
        self.fail('nginx did not answer: ' + (pathlib.Path(folder) / 'error.log').read_text())

    @unittest.skipUnless(shutil.which('nginx') or os.path.exists('/usr/sbin/nginx'), 'nginx is not installed')
    def test_a_replica_killed_under_load_loses_nothing(self):
        phantoms = Phantoms(2)
        body, kind = multipart({'frontal': phantoms.png[0]}, {})
        with Server() as first, tempfile.TemporaryDirectory() as folder:
            second = Server()
            self.addCleanup(second.process.kill)
            wanted = timeless(json.loads(first.send('POST', '/v1/reports', body, {'Content-Type': kind})[2]))
            nginx, front = self.start_nginx(folder, first.port, second.port)
            try:
                results, retries, lock, stop = [], [0], threading.Lock(), time.monotonic() + 8

                def client():
                    while time.monotonic() < stop:
                        status = None
                        for _ in range(5):                       # a client that tries again, as the published ones do
                            try:
                                status, _, answer = front.send('POST', '/v1/reports', body, {'Content-Type': kind})
                                if status == 200:
                                    break
                            except OSError:
                                pass
                            with lock:
                                retries[0] += 1
                            time.sleep(0.1)
                        with lock:
                            results.append(status == 200 and timeless(json.loads(answer)) == wanted)
                clients = [threading.Thread(target=client) for _ in range(8)]
                for thread in clients:
                    thread.start()
                time.sleep(3)
                second.process.kill()
                killed = len(results)
                for thread in clients:
                    thread.join()
                second.process.wait()
            finally:
                nginx.terminate()
                nginx.wait()
        print(f'{len(results)} reports, {killed} of them before the kill, {retries[0]} tries again, {results.count(False)} lost')
        self.assertGreater(len(results), killed)
        self.assertTrue(all(results))

    def test_the_azure_deployment_file_names_routes_that_answer(self):
        text = (DEPLOY / 'azureml-deployment.yml').read_text()
        routes = {name: (int(port), path) for name, port, path in re.findall(r'(\w+)_route:\s+port: (\d+)\s+path: (\S+)', text)}
        self.assertEqual(set(routes), {'liveness', 'readiness', 'scoring'})
        entry = re.search(r'"--port", "(\d+)"', (DEPLOY / 'Containerfile').read_text())
        self.assertEqual({port for port, _ in routes.values()}, {int(entry.group(1))})
        phantoms = Phantoms(1)
        with Server() as server:
            self.assertEqual(server.get(routes['liveness'][1])[0], 200)
            self.assertEqual(server.get(routes['readiness'][1])[0], 200)
            self.assertEqual(server.post_json(routes['scoring'][1], score([[b64(phantoms.png[0])]]))[0], 200)

    def test_the_example_options_are_options(self):
        text = (DEPLOY / 'serve.toml').read_text()
        demo = os.environ['HILUM_DEMO']
        with tempfile.NamedTemporaryFile('w', suffix='.toml') as config:
            config.write(text.replace('/var/lib/hilum/models/demo', demo))
            config.flush()
            with Server('--config', config.name) as server:      # the port of the command line goes before the file's
                self.assertEqual(server.get('/health')[0], 200)


if __name__ == '__main__':
    unittest.main()
