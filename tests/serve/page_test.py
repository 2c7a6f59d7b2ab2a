"""docs/clients.md: each of its blocks is run as it stands, against a server on another port. What needs a package that is not here is skipped, by name."""
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from server import Phantoms, Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / 'docs' / 'clients.md'
PACKAGES = ROOT / 'tests' / 'clients'


def blocks():
    """(heading, language, text, line) of each."""
    heading, found = '', []
    lines = PAGE.read_text().split('\n')
    for number, line in enumerate(lines):
        if line.startswith('## '):
            heading = line[3:]
        if opened := re.fullmatch(r'```(\w+)', line):
            end = lines.index('```', number)
            found.append((heading, opened[1], '\n'.join(lines[number + 1:end]) + '\n', number + 1))
    return found


def missing_python(text):
    return [name for name in sorted(set(re.findall(r'^(?:from|import) (\w+)', text, re.M))) if importlib.util.find_spec(name) is None]


def node_packages():
    """The folder of the JavaScript packages, or why there is none."""
    if not shutil.which('node') or not shutil.which('npm'):
        return None, 'node and npm are not here'
    major = int(subprocess.run(['node', '--version'], capture_output=True, text=True).stdout.strip('v\n').split('.')[0])
    if major < 20:
        return None, f'node {major}; the packages want 20'
    modules = PACKAGES / 'node_modules'
    marker, lock = modules / '.package-lock.json', PACKAGES / 'package-lock.json'
    if not marker.exists() or marker.stat().st_mtime < lock.stat().st_mtime:
        done = subprocess.run(['npm', 'ci', '--no-audit', '--no-fund'], cwd=PACKAGES, capture_output=True, text=True)
        if done.returncode != 0:
            return None, 'npm ci failed: ' + done.stderr.strip()[-200:]
    return modules, ''


class ClientsPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.phantoms = Phantoms(1)
        cls.folder = tempfile.TemporaryDirectory()
        shutil.copy(cls.phantoms.paths['png'][0], pathlib.Path(cls.folder.name, 'film.png'))
        cls.server = Server('--model', os.environ['HILUM_DEMO'])

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def test_every_language_is_there(self):
        self.assertEqual([(heading, language) for heading, language, _, _ in blocks()],
                         [('curl', 'bash'), ('curl', 'bash'), ('Python, the standard library alone', 'python'), ('Python, the standard library alone', 'python'),
                          ('The openai package', 'python'), ('The openai package', 'javascript'), ('LangChain', 'python'), ('LangChain', 'javascript')])

    def run_block(self, language, text, line):
        text = text.replace('127.0.0.1:8080', f'127.0.0.1:{self.server.port}')
        if language == 'bash':
            command = ['bash', '-euo', 'pipefail', '-c', text]
        elif language == 'python':
            if missing := missing_python(text):
                return 'no ' + ', '.join(missing)
            command = [sys.executable, '-c', text]
        else:
            modules, why = node_packages()
            if not modules:
                return why
            link = pathlib.Path(self.folder.name, 'node_modules')
            if not link.exists():
                link.symlink_to(modules)
            pathlib.Path(self.folder.name, 'block.mjs').write_text(text)
            command = ['node', 'block.mjs']
        done = subprocess.run(command, cwd=self.folder.name, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, f'{PAGE.name}:{line}\n{done.stdout[-500:]}{done.stderr[-1500:]}')
        self.assertGreater(len(done.stdout.strip()), 1, f'{PAGE.name}:{line} printed nothing')
        return None

    def test_blocks_run_as_they_stand(self):
        for heading, language, text, line in blocks():
            with self.subTest(heading=heading, language=language):
                skipped = self.run_block(language, text, line)
                print(f'{PAGE.name}:{line} {heading}, {language}: ' + (f'skipped, {skipped}' if skipped else 'ran'))


if __name__ == '__main__':
    unittest.main()
