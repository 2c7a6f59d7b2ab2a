"""Files in whose place a failed download left something else: each is called what it is, with the command that fetches the real one.

rows(hilum) yields (name, right, detail); `python3 tests/cases/weights_cases.py [HILUM]` prints them.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / 'shared' / 'cases' / 'weights'
MODELS = ROOT / 'testdata' / 'models'

# What stands in the file's place -> what the message says of it, and of how to mend it.
STAND_INS = {
    'pointer': ('version https://git-lfs.github.com/spec/v1\noid sha256:' + '0' * 64 + '\nsize 123456\n',
                ('Git LFS pointer', 'git lfs install', 'lfs pull --include')),
    'page': ('<!DOCTYPE html>\n<html lang="en"><head><title>Sign in</title></head><body></body></html>\n',
             ('web page (HTML: "Sign in")', 'curl -fL -o')),
    'store error': ('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
                    ('error message of a store (XML: AccessDenied)', 'curl -fL -o')),
}
DEMO_FILES = ('model.safetensors', 'config.json', 'tokenizer.json', 'preprocessor_config.json', 'generation_config.json', 'feature_stats.safetensors', 'hilum.toml')


def run(hilum, *arguments):
    done = subprocess.run([str(hilum), *map(str, arguments)], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stderr


def told(hilum, name, arguments, words):
    code, said = run(hilum, *arguments)
    missing = [word for word in words if word not in said]
    return name, code == 2 and not missing, f'exit {code}: {said.strip()[-300:]}'


def replaced(source, folder, name, text):
    """A copy of a model's folder with another content in the place of one file."""
    shutil.copytree(source, folder)
    (folder / name).chmod(0o644)
    (folder / name).write_text(text)
    return folder


def rows(hilum):
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        run(hilum, 'phantom', '--count', 1, '-o', place / 'phantoms', '--quiet')
        film = next((place / 'phantoms' / 'images').glob('*_f.png'))
        count = 0
        for kind, (text, words) in STAND_INS.items():

            def copy(source, name):
                nonlocal count
                count += 1
                return replaced(source, place / str(count), name, text)

            for name in DEMO_FILES:
                model = copy(ROOT / 'models' / 'demo', name)
                yield told(hilum, f'{kind} as {name}', ('report', film, '--model', model), (name, *words))
            shard = 'model-00002-of-00003.safetensors'
            yield told(hilum, f'{kind} as a shard', ('info', copy(MODELS / 'maira2', shard)), (shard, *words))
            index = 'model.safetensors.index.json'
            yield told(hilum, f'{kind} as an index', ('info', copy(MODELS / 'maira2', index)), (index, *words))
            torch = 'checkpoint_3.pth'
            yield told(hilum, f'{kind} as {torch}', ('info', copy(MODELS / 'xraygpt', torch)), (torch, *words))
            for name in ('adapter_model.safetensors', 'adapter_config.json'):
                adapter = copy(MODELS / 'lora' / 'maira2-f16', name)
                yield told(hilum, f'{kind} as {name}', ('info', MODELS / 'maira2-f16', '--adapter', adapter), (name, *words))
            unnamed = place / f'unnamed {count}'
            unnamed.mkdir()
            (unnamed / 'weights of mine.pt').write_text(text)
            yield told(hilum, f'{kind} as weights of another name', ('convert', unnamed, '-o', place / f'out {count}'), ('weights of mine.pt', *words))
            for name in ('film.png', 'film.dcm', 'film.jpg'):
                (place / name).write_text(text)
                yield told(hilum, f'{kind} as {name}', ('report', place / name), (name, *words))
        for path, words in ((SHARED / 'lfs_pointer.safetensors', ('Git LFS pointer', 'lfs pull')), (SHARED / 'html_page.safetensors', ('web page (HTML',))):
            if path.exists():
                model = replaced(ROOT / 'models' / 'demo', place / path.stem, 'model.safetensors', path.read_text())
                yield told(hilum, f'weights/{path.name}', ('info', model), words)


if __name__ == '__main__':
    failed = 0
    for name, right, detail in rows(sys.argv[1] if len(sys.argv) > 1 else ROOT / 'build' / 'release' / 'hilum'):
        failed += not right
        print(('right ' if right else 'WRONG ') + name + ('' if right else f'\n    {detail}'))
    sys.exit(failed > 0)
