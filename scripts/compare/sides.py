"""OLD and NEW at work beside each other: every case has a folder of each side's own, which looks the same from
inside, so that a relative path in a message is the same text on both sides."""
import http.client
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONGEST = 240  # seconds of one command, or of one request


class Side:
    def __init__(self, name, binary, work):
        self.name, self.binary, self.folder = name, str(pathlib.Path(binary).resolve()), work / name
        self.inputs = work / "in"

    def enter(self, case):
        """A fresh folder for a case, with links to what all cases read."""
        folder = self.folder / re.sub(r"[^\w.-]+", "_", case)
        folder.mkdir(parents=True)
        links = {
            "in": self.inputs,
            "testdata": ROOT / "testdata",
            "models": ROOT / "models",
            "recipes": ROOT / "recipes",
            "shared": ROOT.parent / "shared",
        }
        for name, target in links.items():
            if target.exists():
                (folder / name).symlink_to(target)
        return folder

    def environment(self, more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HILUM")}
        return {
            **kept,
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "HILUM_MODEL": "models/demo",
            "HILUM_SERVE_MODEL": "models/demo",
            **(more or {}),
        }

    def run(self, folder, arguments, stdin=b"", environment=None):
        """(exit code, stdout, stderr); the code is a word where it did not end by itself."""
        process = subprocess.Popen(
            [self.binary, *arguments],
            cwd=folder,
            env=self.environment(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = process.communicate(stdin, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return f"still running after {LONGEST} s", out, err
        return str(process.returncode), out, err


def files_under(folder):
    """{relative path: bytes} of what a case left; what the links lead to is nobody's result."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            found[str(path.relative_to(folder))] = path.read_bytes()
        elif path.is_dir() and not any(path.iterdir()):
            found[str(path.relative_to(folder)) + "/"] = b""
    return found


def both(sides, act):
    """act(side) for both at once; an exception of either is raised."""
    results, errors = [None] * len(sides), []

    def run(i):
        try:
            results[i] = act(sides[i])
        except Exception as error:  # raised again below, in the caller's thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(sides))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


class Server:
    """`hilum serve` on a free port."""

    def __init__(self, side, folder, options, environment=None):
        self.log_path = folder / "serve.log"
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [side.binary, "serve", "--port", "0", "--log-json", *options],
            cwd=folder,
            env=side.environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        end = time.monotonic() + LONGEST
        while True:
            found = re.search(rb'listening on \w+://[^"\s]*:(\d+)', self.log_path.read_bytes())
            if found:
                self.port = int(found.group(1))
                return
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(
                    f"{side.name}'s server did not start: " + self.log_path.read_text(errors="replace")[-1500:]
                )
            time.sleep(0.02)

    def send(self, request):
        """(status, headers, body) of one request, on a connection of its own."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        try:
            wire.request(request.method, request.path, body=request.body, headers=request.headers)
            answer = wire.getresponse()
            head = "\n".join(sorted(f"{name.lower()}: {value}" for name, value in answer.getheaders()))
            return str(answer.status), head.encode(), answer.read()
        except (OSError, http.client.HTTPException) as error:
            return f"no answer: {type(error).__name__}", b"", b""
        finally:
            wire.close()

    def stop(self):
        """(exit code, log)"""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.log.close()
        return str(code), self.log_path.read_bytes()


def copy_tree(source, target, leave=("reference.safetensors", "generation.safetensors")):
    """A writable copy without the reference dumps."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*leave), copy_function=shutil.copyfile)
