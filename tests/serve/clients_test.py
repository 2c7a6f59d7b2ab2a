"""The published documents' own snippets (tests/clients) against the server: one that writes reports beside one that embeds pictures and texts."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from server import Phantoms, Server

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.phantoms = Phantoms(2)
        # a small random model of two towers, with a word list of its vocabulary's size
        cls.folder = tempfile.TemporaryDirectory()
        for file in (ROOT / 'testdata' / 'models' / 'biomedclip').iterdir():
            if file.name != 'reference.safetensors':
                shutil.copy(file, cls.folder.name)
        words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'chest', 'x', '-', 'ray', 'edema', 'mass']
        pathlib.Path(cls.folder.name, 'vocab.txt').write_text('\n'.join(words + [f'word{i}' for i in range(len(words), 90)]) + '\n')
        cls.server = Server('--model', os.environ['HILUM_DEMO'], '--model', f'towers={cls.folder.name}')

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def run_client(self, name, *more):
        done = subprocess.run([sys.executable, ROOT / 'tests' / 'clients' / f'{name}.py', '--url', f'http://127.0.0.1:{self.server.port}', *more, *self.phantoms.paths['png']],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        print(done.stdout.strip())

    def test_azure_report(self):
        self.run_client('azure_report')

    def test_azure_embedding(self):
        self.run_client('azure_embedding', '--model', 'towers')

    def test_mlflow(self):
        self.run_client('mlflow')

    def test_openai_shapes(self):
        self.run_client('openai_shapes')


if __name__ == '__main__':
    unittest.main()
