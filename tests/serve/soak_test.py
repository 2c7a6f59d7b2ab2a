"""A mix of requests at 32 connections, each answer compared with the command line's:  soak_test.py [REQUESTS]

10 % reports, 20 % grounding, 70 % embeddings, classification and health. Prints throughput, p50 and p99, and the memory as it goes.
Where that grows, all are sent again to the same server, up to three times: memory that never stops growing is a leak.
"""
import json
import os
import random
import struct
import sys
import threading
import time

from server import Phantoms, Server, data_uri, hilum, multipart, timeless

CONNECTIONS = 32
MOST_GROWN_KIB = 16 * 1024
ROUNDS = 3   # free memory is found again or not by chance, some 10 MiB up and down; a leak goes on in every round


def main(total):
    phantoms = Phantoms(6, seed=909)
    paths = phantoms.paths['png']
    reports = [timeless(json.loads(hilum('report', path, '--format', 'json'))) for path in paths]
    phrases = [timeless(json.loads(hilum('ground', path, '--phrase', 'pleural effusion', '--format', 'json'))) for path in paths]
    embeddings = [json.loads(hilum('embed', path))['embedding'] for path in paths]
    packed = [[struct.pack('<f', x) for x in embedding] for embedding in embeddings]
    unit = []
    for embedding in embeddings:
        length = sum(x * x for x in embedding) ** 0.5
        unit.append([x / length for x in embedding])

    bodies = {}
    for i, image in enumerate(phantoms.png):
        bodies['report', i] = ('/v1/reports', *multipart({'frontal': image}, {'study_id': reports[i]['study_id']}))
        bodies['ground', i] = ('/v1/grounding', *multipart({'frontal': image}, {'phrase': 'pleural effusion', 'study_id': phrases[i]['study_id']}))
        bodies['score', i] = ('/score', json.dumps({'input_data': {'columns': ['image'], 'index': [0], 'data': [[data_uri(image).split(',')[1]]]}}).encode(), 'application/json')
        bodies['embed', i] = ('/v1/embeddings', json.dumps({'input': [{'content': [{'type': 'image_url', 'image_url': {'url': data_uri(image)}}]}]}).encode(), 'application/json')

    def check(kind, i, status, body):
        if status != 200:
            return f'{kind}: status {status}: {body[:200]}'
        if kind == 'health':
            return '' if body == b'{"status":"ok"}' else f'health: {body}'
        got = json.loads(body)
        if kind == 'report':
            good = timeless(got) == reports[i]
        elif kind == 'ground':
            good = timeless(got) == phrases[i]
        elif kind == 'score':
            good = [struct.pack('<f', x) for x in got[0]['image_features'][0]] == packed[i]
        else:
            good = all(abs(a - b) < 1e-6 for a, b in zip(got['data'][0]['embedding'], unit[i], strict=True))
        return '' if good else f'{kind} {i}: another answer than the command line: {body[:300]}'

    draw = random.Random(1)
    work = []
    for _ in range(total):
        u = draw.random()
        kind = 'report' if u < 0.1 else 'ground' if u < 0.3 else draw.choice(['score', 'embed', 'health'])
        work.append((kind, draw.randrange(len(paths))))

    def send_all(server):
        lock, at, wrong, times, memory = threading.Lock(), [0], [], {}, []

        def run():
            wire = server.connect()
            while True:
                with lock:
                    if at[0] == total:
                        break
                    kind, i = work[at[0]]
                    at[0] += 1
                    if at[0] % max(1, total // 20) == 0:
                        memory.append(server.memory_kib())
                start = time.monotonic()
                if kind == 'health':
                    status, _, body = server.send('GET', '/health', connection=wire)
                else:
                    path, sent, content_type = bodies[kind, i]
                    status, _, body = server.send('POST', path, sent, {'Content-Type': content_type}, wire)
                seconds = time.monotonic() - start
                trouble = check(kind, i, status, body)
                with lock:
                    times.setdefault(kind, []).append(seconds)
                    if trouble:
                        wrong.append(trouble)
            wire.close()

        start = time.monotonic()
        threads = [threading.Thread(target=run) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - start

        print(f'{total} requests at {CONNECTIONS} connections in {seconds:.1f} s: {total / seconds:.1f} a second, {len(wrong)} wrong')
        for kind in sorted(times):
            ordered = sorted(times[kind])
            print(f'  {kind:<7} {len(ordered):>6}   p50 {1000 * ordered[len(ordered) // 2]:8.1f} ms   p99 {1000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]:8.1f} ms')
        print('  memory, MiB: ' + ' '.join(str(kib // 1024) for kib in memory))
        for trouble in wrong[:5]:
            print('  ' + trouble)
        # flat after warm-up: the last quarter needs no more than the second one, and a little
        quarter = len(memory) // 4
        grown = max(memory[-quarter:]) - max(memory[quarter:2 * quarter])
        print(f'  memory grew by {grown / 1024:.1f} MiB')
        return wrong, grown

    with Server('--queue', '64', *(['--threads', os.environ['HILUM_THREADS']] if 'HILUM_THREADS' in os.environ else [])) as server:
        for _ in range(ROUNDS):
            wrong, grown = send_all(server)
            if wrong:
                return 1
            if grown <= MOST_GROWN_KIB or os.environ.get('HILUM_SANITIZE'):  # the sanitizer keeps what is freed for a while
                return 0
    return 1


if __name__ == '__main__':
    sys.exit(main(int(sys.argv[1] if len(sys.argv) > 1 else os.environ.get('HILUM_SOAK_REQUESTS', 1000))))
