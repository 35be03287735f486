# SPDX-License-Identifier: GPL-2.0
"""Kernels: from a name like 6.12 to a folder with vmlinux and modules."""

import collections
import glob
import json
import lzma
import os
import re
import shutil
import struct
import subprocess
import tarfile

from vm_archive import Archive
from vm_modules import load_order, module_name
from vm_util import VmError, cache_dir, cache_lock, note, tool

DEFAULT = "6.12"

# packages: 'name=version' to fetch, empty when only the cache knows the kernel; folder: path in
# the cache, or None; overlay: whether the guest's root can be made writable.
Kernel = collections.namedtuple("Kernel", "release version packages folder overlay")


def version_key(version):
    """Sort key of a Debian version: ~ before the end, letters before others, numbers by value."""

    def order(char):
        if char == "~":
            return -1
        return ord(char) if char.isalpha() else ord(char) + 256

    parts = re.findall(r"(\D*)(\d*)", version)
    return [(tuple(order(c) for c in text) + (0,), int(number or 0)) for text, number in parts]


def matches(kernel, spec):
    """Whether SPEC names KERNEL: a whole release or version, or its beginning up to a separator."""
    names = (kernel.release, kernel.version)
    whole = re.compile(re.escape(spec) + r"($|[-+~.])")
    return spec == "newest" or any(whole.match(name) for name in names)


def cached():
    """Kernels ready in the cache."""
    for path in glob.glob(os.path.join(cache_dir("kernels"), "*", "meta.json")):
        with open(path, encoding="utf-8") as f:
            meta = json.load(f)
        overlay = "overlay" in meta["modules"] or meta["overlay_builtin"]
        yield Kernel(meta["release"], meta["version"], (), os.path.dirname(path), overlay)


def offered(archive):
    """Kernels that the archive has an image for."""
    for release, parts in archive.packages().items():
        split = "binary" in parts
        if not split and ("image" not in parts or "modules" in parts):
            continue
        wanted = [p for p in (("binary", "modules", "base") if split else ("image",)) if p in parts]
        packages = tuple(f"linux-{p}-{release}={parts[p]}" for p in wanted)
        yield Kernel(release, parts[wanted[0]], packages, None, not split or "modules" in parts)


def archive_kernels(force=False):
    """Kernels of the archive, with its index brought up to date when it is old or FORCE."""
    with cache_lock("apt", "reading the Debian archive"):
        archive = Archive()
        if force or not archive.is_fresh():
            archive.update()
        return list(offered(archive))


def merge(offers, ready):
    """One entry per version: offers that are cached carry their folder. Newest first."""
    folders = {k.version: k for k in ready}
    out = [
        k._replace(folder=folders.pop(k.version).folder) if k.version in folders else k
        for k in offers
    ]
    return sorted(out + list(folders.values()), key=lambda k: version_key(k.version), reverse=True)


def choose(kernels, spec):
    """The newest kernel that SPEC names, one with all its modules before one without."""
    found = [k for k in kernels if matches(k, spec)]
    found.sort(key=lambda k: (k.overlay, version_key(k.version)), reverse=True)
    return found[0] if found else None


def fetched(spec, ready):
    """The archive's newest kernel for SPEC, in the cache. An index that is out of date names
    packages which are gone: read it anew, once."""
    for force in (False, True):
        best = choose(merge(archive_kernels(force), ready), spec)
        if not best:
            raise VmError(f"no Debian cloud kernel is named {spec}: see vm-run --list")
        try:
            return best if best.folder else prepare(best)
        except VmError as e:
            if force:
                raise
            note(str(e))
    return None


def resolve(spec, fetch=False):
    """The Kernel for SPEC, ready in the cache. The archive is asked when the cache has none, for
    'newest', and when FETCH says so; what is cached serves when it cannot be reached."""
    ready = list(cached())
    have = choose(ready, spec)
    if have and not fetch and spec != "newest":
        return have
    try:
        return fetched(spec, ready)
    except VmError as e:
        if not have or fetch:
            raise
        note(f"{e}; using the cached {have.release}")
        return have


def vmlinux_extract(image):
    """The ELF kernel inside a bzImage: QEMU boots it by PVH, without decompressing in the guest."""
    start = (image[0x1F1] + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
    payload = image[start : start + struct.unpack_from("<I", image, 0x24C)[0] - 4]
    if payload.startswith(b"\xfd7zXZ"):
        elf = lzma.decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        elf = filter_through("zstd", payload)
    elif payload.startswith(b"\x02\x21\x4c\x18"):
        elf = filter_through("lz4", payload)
    else:
        raise VmError(f"kernel image with an unknown compression ({payload[:4].hex()})")
    if not elf.startswith(b"\x7fELF"):
        raise VmError("kernel image does not hold an ELF file")
    return elf


def filter_through(program, data):
    """DATA decompressed by 'PROGRAM -dc'."""
    r = subprocess.run([tool(program), "-dcq"], input=data, capture_output=True, check=False)
    if r.returncode:
        raise VmError(f"{program} cannot unpack the kernel: {r.stderr.decode(errors='replace')}")
    return r.stdout


def deb_files(path):
    """Files of a package that the test machine can need: {name: content}."""
    wanted = re.compile(
        r"\./(boot/(vmlinuz|config)-.*|(usr/)?lib/modules/[^/]*/((vmlinuz|config|modules\.builtin)$"
        r"|.*\.ko(\.xz|\.zst)?$))"
    )
    files = {}
    with subprocess.Popen([tool("dpkg-deb"), "--fsys-tarfile", path], stdout=subprocess.PIPE) as p:
        with tarfile.open(fileobj=p.stdout, mode="r|") as tar:
            for member in tar:
                if member.isfile() and wanted.match(member.name):
                    files[member.name] = tar.extractfile(member).read()
    if p.returncode:
        raise VmError(f"dpkg-deb cannot read {path} (status {p.returncode})")
    return files


def one_file(files, pattern):
    """Content of the only file whose name matches, or None."""
    return next((data for name, data in files.items() if re.search(pattern, name)), None)


def folder_fill(folder, kernel, files):
    """Write vmlinux, modules, config and meta.json of KERNEL into an empty FOLDER."""
    image = one_file(files, r"/vmlinuz[^/]*$")
    if not image:
        raise VmError(f"the packages of {kernel.release} hold no kernel image")
    builtin = {module_name(n) for n in (one_file(files, r"builtin$") or b"").decode().split()}
    paths = {module_name(n): n for n in files if re.search(r"\.ko(\.xz|\.zst)?$", n)}
    order = load_order(paths, builtin, files.get)
    contents = {f"{name}.ko": elf for name, elf in order}
    contents["vmlinux"] = vmlinux_extract(image)
    contents["config"] = one_file(files, r"/config[^/]*$") or b""
    meta = {
        "release": kernel.release,
        "version": kernel.version,
        "modules": [name for name, _ in order],
        "overlay_builtin": "overlay" in builtin,
    }
    contents["meta.json"] = json.dumps(meta, indent=1).encode()
    for name, data in contents.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)


def prepare(kernel):
    """Fetch KERNEL and make its folder; another run that was faster is welcome."""
    target = os.path.join(cache_dir("kernels"), kernel.version)
    with cache_lock("apt", f"fetching {kernel.release}"):
        if not os.path.isdir(target):
            note(f"fetching {kernel.release} ({kernel.version})")
            tmp = f"{target}.{os.getpid()}.tmp"
            os.mkdir(tmp)
            debs = []
            try:
                debs = Archive().download(kernel.packages)
                files = {}
                for deb in debs:
                    files.update(deb_files(deb))
                folder_fill(tmp, kernel, files)
                os.rename(tmp, target)
            finally:
                shutil.rmtree(tmp, ignore_errors=True)
                for deb in debs:
                    os.unlink(deb)
    return next(k for k in cached() if k.folder == target)


def modules_of(kernel):
    """[(name, file)] of the modules to load, in order."""
    with open(os.path.join(kernel.folder, "meta.json"), encoding="utf-8") as f:
        names = json.load(f)["modules"]
    return [(name, os.path.join(kernel.folder, f"{name}.ko")) for name in names]


def listing(spec=None):
    """Lines for --list, newest first; with SPEC the kernel alone that it means."""
    ready = list(cached())
    there = None  # versions that the archive has; None: it cannot be asked
    try:
        offers = archive_kernels()
        kernels, there = merge(offers, ready), {k.version for k in offers}
    except VmError as e:
        note(f"{e}; only cached kernels are listed")
        kernels = merge([], ready)
    if spec:
        still_there = [k for k in kernels if there is not None and k.version in there]
        best = choose(still_there, spec) or choose(kernels, spec)
        kernels = [best] if best else []
    for k in kernels:
        state = "cached" if k.folder else "archive"
        if there is not None and k.version not in there:
            state += ", gone from the archive"
        root = "" if k.overlay else "  root read-only (its modules are no longer in the archive)"
        yield f"{k.release:<32} {k.version:<28} {state}{root}"
