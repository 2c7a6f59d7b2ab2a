"""The README's lines "on a fresh clone" are run as they stand, in its order, in a folder of their own. `hilum serve` is started and stopped."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
HILUM = pathlib.Path(os.environ.get('HILUM', ROOT / 'build' / 'release' / 'hilum')).resolve()


def fresh_lines():
    text = (ROOT / 'README.md').read_text()
    block = re.search(r'run on a fresh clone.*?```\n(.*?)```', text, re.S)[1]
    return [line.split('  #')[0].strip() for line in block.splitlines()]


class Readme(unittest.TestCase):
    def test_lines_of_a_fresh_clone_run(self):
        lines = fresh_lines()
        self.assertGreater(len(lines), 10)
        with tempfile.TemporaryDirectory() as folder:
            bin_folder = pathlib.Path(folder, 'bin')
            bin_folder.mkdir()
            (bin_folder / 'hilum').symlink_to(HILUM)
            (pathlib.Path(folder) / 'recipes').symlink_to(ROOT / 'recipes')
            pathlib.Path(folder, 'reports.csv').write_text('"Small left effusion."\n')
            environment = {**os.environ, 'PATH': f'{bin_folder}:{os.environ["PATH"]}'}
            environment.pop('HILUM_MODEL', None)
            for line in lines:
                with self.subTest(line=line):
                    if line == 'hilum serve':
                        self.serve(folder, environment)
                        continue
                    done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
                    self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr[-1000:])
            self.assertTrue(shutil.which('hilum', path=str(bin_folder)))

    def serve(self, folder, environment):
        process = subprocess.Popen(['hilum', 'serve', '--port', '0', '--log-json'], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
        try:
            line = process.stderr.readline()
            time.sleep(0.5)
            self.assertIsNone(process.poll(), line)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)


if __name__ == '__main__':
    unittest.main()
