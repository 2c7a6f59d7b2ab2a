#!/usr/bin/env python3
"""Writes testdata/torch: small files of torch.save in both serialisations, with their values as safetensors, and hostile ones.

    python3 scripts/golden/torch_files.py testdata/torch
"""
import collections
import io
import os
import pathlib
import pickle
import struct
import subprocess
import sys
import zipfile
import zlib

import torch
from safetensors.torch import save_file

OUT = pathlib.Path(sys.argv[1])
(OUT / "hostile").mkdir(parents=True, exist_ok=True)
generator = torch.Generator().manual_seed(7)


def randn(*shape):
    return torch.randn(*shape, generator=generator)


def expect(name, tensors):
    """What a reader must find: dense copies under their own names."""
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, OUT / f"{name}.expected.safetensors")


def save(name, obj, **how):
    torch.save(obj, OUT / name, **how)


# Every dtype a checkpoint has, tied and strided tensors, a scalar, an empty one, a parameter.
base = randn(4, 6)
long = randn(40)
flat = collections.OrderedDict()
flat["embed.weight"] = base
flat["head.weight"] = base                       # tied: one storage, two names
flat["turned"] = base.t()                        # strides 1, 6
flat["columns"] = base[:, 1:6:2]                 # strides 6, 2, offset 1
flat["part"] = long[8:24].view(4, 4)             # dense, offset 8
flat["repeated"] = torch.arange(3.0).expand(2, 3)  # stride 0
flat["deep"] = randn(2, 3, 4, 5).permute(3, 1, 0, 2)
flat["half"] = randn(3, 5).half()
flat["bfloat"] = randn(3, 5).bfloat16()
flat["double"] = randn(5).double()
flat["position_ids"] = torch.arange(7).unsqueeze(0)
flat["int32"] = torch.tensor([-1, 2**31 - 1], dtype=torch.int32)
flat["int16"] = torch.tensor([-5, 300], dtype=torch.int16)
flat["int8"] = torch.tensor([-128, 127], dtype=torch.int8)
flat["bytes"] = torch.tensor([0, 255, 7], dtype=torch.uint8)
flat["mask"] = torch.tensor([True, False, True])
flat["logit_scale"] = torch.tensor(2.659)
flat["empty"] = torch.empty(0, 4)
flat["parameter"] = torch.nn.Parameter(randn(2, 2))
expect("flat", flat)
flat._metadata = collections.OrderedDict([("", {"version": 1})])
save("flat.zip.pt", flat)
save("flat.legacy.pth", flat, _use_new_zipfile_serialization=False)
# Protocols 3 to 5: other opcodes for the same values.
save("flat.protocol4.bin", flat, pickle_protocol=4)
save("flat.protocol5.bin", flat, pickle_protocol=5)

# Types that only the newer torch writes (rebuilt over untyped storages).
newer = {"u16": torch.tensor([1, 65535], dtype=torch.uint16), "u32": torch.tensor([2**32 - 1], dtype=torch.uint32),
         "f8": torch.tensor([0.5, -448.0]).to(torch.float8_e4m3fn), "rows": torch.arange(12).to(torch.uint16).view(3, 4)[1:]}
expect("newer", newer)
save("newer.zip.pt", newer)

# A training checkpoint: weights wrapped twice, DataParallel's prefix, optimizer beside.
layer = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
with torch.no_grad():
    for p in layer.parameters():
        p.copy_(randn(*p.shape))
optimizer = torch.optim.AdamW(layer.parameters())
layer(randn(5, 3)).sum().backward()
optimizer.step()
expect("training", dict(layer.state_dict()))
state = collections.OrderedDict(("module." + k, v) for k, v in layer.state_dict().items())
training = {"epoch": 3, "model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(), "config": {"lr": 1e-3, "name": "x", "steps": [1, 2], "none": None,
            "big": 2**80, "negative": -3, "long": 2**40}, "device": torch.device("cpu"), "size": torch.Size([1, 2])}
save("training.zip.pth", training)
save("training.legacy.th", training, _use_new_zipfile_serialization=False)

# Nested dicts and lists that are no wrappers: dotted names.
nested = {"visual": {"proj": randn(2, 3), "blocks": [{"w": randn(2)}, {"w": randn(3)}]}, "scale": torch.tensor(1.5), "title": "text", 5: randn(1)}
expect("nested", {"visual.proj": nested["visual"]["proj"], "visual.blocks.0.w": nested["visual"]["blocks"][0]["w"],
                  "visual.blocks.1.w": nested["visual"]["blocks"][1]["w"], "scale": nested["scale"], "5": nested[5]})
save("nested.zip.pt", nested)

# ---- hostile files; the test names the message each must give ----
H = OUT / "hostile"


class Call:
    def __init__(self, function, *arguments):
        self.made = (function, arguments)

    def __reduce__(self):
        return self.made


def archive(path, pkl, entries=(), compress=zipfile.ZIP_STORED, folder="archive"):
    with zipfile.ZipFile(path, "w", compress) as z:
        z.writestr(zipfile.ZipInfo(f"{folder}/data.pkl"), pkl, compress_type=compress)
        z.writestr(zipfile.ZipInfo(f"{folder}/byteorder"), "little")
        for name, data in entries:
            z.writestr(zipfile.ZipInfo(name), data, compress_type=compress)


def tensor_pickle(storage_count=4, offset=0, size=(2, 2), stride=(2, 1), storage_type="torch\nFloatStorage\n", key="0"):
    """{"w": tensor} with numbers of one's choice."""
    def integer(n):
        return b"J" + struct.pack("<i", n) if -2**31 <= n < 2**31 else b"\x8a\x08" + struct.pack("<q", n)

    def text(s):
        return b"X" + struct.pack("<I", len(s)) + s.encode()

    def numbers(ns):
        return b"(" + b"".join(map(integer, ns)) + b"t"
    storage = b"(" + text("storage") + b"c" + storage_type.encode() + text(key) + text("cpu") + integer(storage_count) + b"tQ"
    call = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + integer(offset) + numbers(size) + numbers(stride) + b"\x89" + b"ccollections\nOrderedDict\n)Rt" + b"R"
    return b"\x80\x02}" + text("w") + call + b"s."


def zip64(path, entries):
    """Every size and place in the 64-bit fields, as archives above 4 GiB have them."""
    body, directory = b"", b""
    for name, data in entries:
        at, name = len(body), name.encode()
        common = struct.pack("<HHHHHI", 45, 0, 0, 0, 33, zlib.crc32(data))
        body += b"PK\x03\x04" + common + struct.pack("<IIHH", 2**32 - 1, 2**32 - 1, len(name), 20) + name
        body += struct.pack("<HHQQ", 1, 16, len(data), len(data)) + data
        directory += b"PK\x01\x02" + struct.pack("<H", 45) + common + struct.pack("<IIHHHHHII", 2**32 - 1, 2**32 - 1, len(name), 28, 0, 0, 0, 0, 2**32 - 1)
        directory += name + struct.pack("<HHQQQ", 1, 24, len(data), len(data), at)
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, len(entries), len(entries), len(directory), len(body))
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, len(body) + len(directory), 1)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)
    path.write_bytes(body + directory + record + locator + end)


four = struct.pack("<4f", 1, 2, 3, 4)
zip64(OUT / "zip64.pt", [("x/data.pkl", tensor_pickle()), ("x/byteorder", b"little"), ("x/version", b"3\n"), ("x/data/0", four)])
expect("zip64", {"w": torch.tensor([[1.0, 2], [3, 4]])})
torch.load(OUT / "zip64.pt", weights_only=True)   # PyTorch agrees that it is one
archive(H / "os_system.pt", pickle.dumps({"w": Call(os.system, "echo owned > /tmp/owned")}, protocol=2))
archive(H / "eval.pt", pickle.dumps({"w": Call(eval, "1+1")}, protocol=4))
archive(H / "popen.pt", pickle.dumps({"w": Call(subprocess.Popen, ["true"])}, protocol=2))
archive(H / "load_from_bytes.pt", b"\x80\x02}X\x01\0\0\0wctorch.storage\n_load_from_bytes\nB\x01\0\0\0x\x85Rs.")
archive(H / "inst.pt", b"\x80\x02(ios\nsystem\n.")
archive(H / "reduce_of_text.pt", b"\x80\x02X\x01\0\0\0w)R.")
archive(H / "newobj.pt", b"\x80\x02ccollections\nOrderedDict\n)\x81.")
archive(H / "unknown_opcode.pt", b"\x80\x02\xf0.")
archive(H / "huge_memo.pt", b"\x80\x02}r\xff\xff\xff\xff.")
archive(H / "huge_text.pt", b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b"x.")
archive(H / "marks.pt", b"\x80\x02" + b"(" * 5000 + b".")
archive(H / "deep.pt", b"\x80\x02" + b"}" + b"X\x01\0\0\0a}" * 200 + b"s" * 200 + b".")
levels = b"".join(b"](" + (b"h" + bytes([i])) * 10 + b"eq" + bytes([i + 1]) + b"0" for i in range(20))   # ten times the level before
archive(H / "laughs.pt", b"\x80\x02]Naq\0" + b"0" + levels + b"}X\x01\0\0\0wh\x14s.")
archive(H / "itself.pt", b"\x80\x02}q\0X\x01\0\0\0wh\0s.")
archive(H / "no_tensor.pt", pickle.dumps({"a": 1}, protocol=2))
archive(H / "not_a_dict.pt", pickle.dumps([1, 2], protocol=2))
archive(H / "empty_stack.pt", b"\x80\x02s.")
archive(H / "never_remembered.pt", b"\x80\x02h\x07.")
archive(H / "protocol_0.pt", b"\x80\x00}.")
archive(H / "negative_storage.pt", tensor_pickle(storage_count=-4), [("archive/data/0", four)])
archive(H / "oversized_storage.pt", tensor_pickle(storage_count=2**61), [("archive/data/0", four)])
archive(H / "wrapping_storage.pt", tensor_pickle(storage_count=2**62 + 4), [("archive/data/0", four)])
archive(H / "small_storage.pt", tensor_pickle(storage_count=5), [("archive/data/0", four)])
archive(H / "missing_storage.pt", tensor_pickle())
archive(H / "offset.pt", tensor_pickle(offset=1), [("archive/data/0", four)])
archive(H / "negative_offset.pt", tensor_pickle(offset=-1), [("archive/data/0", four)])
archive(H / "negative_stride.pt", tensor_pickle(stride=(-2, 1)), [("archive/data/0", four)])
archive(H / "stride.pt", tensor_pickle(stride=(2**62, 2**62)), [("archive/data/0", four)])
archive(H / "shape.pt", tensor_pickle(size=(2**40, 2**40), stride=(0, 0)), [("archive/data/0", four)])
archive(H / "unfolds.pt", tensor_pickle(size=(2**20, 2**10), stride=(0, 0)), [("archive/data/0", four)])
archive(H / "ranks.pt", tensor_pickle(size=(2, 2, 1), stride=(2, 1)), [("archive/data/0", four)])
archive(H / "quantised.pt", tensor_pickle(storage_type="torch\nQInt8Storage\n"), [("archive/data/0", four)])
archive(H / "deflated.pt", tensor_pickle(), [("archive/data/0", four)], compress=zipfile.ZIP_DEFLATED)
archive(H / "bomb.pt", tensor_pickle(storage_count=2**20), [("archive/data/0", b"\0" * 2**22)], compress=zipfile.ZIP_DEFLATED)
archive(H / "traversal.pt", tensor_pickle(), [("archive/data/../../0", four)])
archive(H / "absolute.pt", tensor_pickle(), [("/etc/passwd", four)])
archive(H / "script.pt", tensor_pickle(), [("archive/data/0", four), ("archive/constants.pkl", b"\x80\x02).")])
with zipfile.ZipFile(H / "published.zip", "w") as z:
    z.writestr(zipfile.ZipInfo("medclip/pytorch_model.bin"), b"x")
whole = io.BytesIO()
archive(whole, tensor_pickle(), [("archive/data/0", four)])
whole = whole.getvalue()
(H / "ok.pt").write_bytes(whole)                  # the same file, sound: the others are refused for their fault alone
(H / "cut.pt").write_bytes(whole[:-30])
twice = io.BytesIO()
archive(twice, tensor_pickle(), [("archive/data/0", four), ("archive/data/1", four)])
(H / "twice.pt").write_bytes(twice.getvalue().replace(b"archive/data/1", b"archive/data/0"))
(H / "two_names.pt").write_bytes(whole.replace(b"archive/data/0", b"archive/data/1", 1))
directory = whole.rindex(b"PK\x01\x02")
(H / "overlap.pt").write_bytes(whole[:directory + 42] + struct.pack("<I", 0) + whole[directory + 46:])
(H / "big_endian.pt").write_bytes(whole.replace(b"little", b"big\0\0\0"))
legacy = (OUT / "flat.legacy.pth").read_bytes()
(H / "legacy_cut.pth").write_bytes(legacy[:-10])
(H / "legacy_keys.pth").write_bytes(legacy[:legacy.rindex(b"\x80\x02]")])
(H / "lfs_pointer.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
(H / "plain_pickle.bin").write_bytes(pickle.dumps({"a": 1}, protocol=2))
