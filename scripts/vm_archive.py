# SPDX-License-Identifier: GPL-2.0
"""Debian's archive through apt itself, with a state folder of our own.

apt verifies every Release file's signature and every package's hash, as it does for the machine.
Nothing of the machine's own apt state is read or changed, only its configuration.
"""

import glob
import os
import re
import subprocess
import time

import vm_sources
from vm_util import VmError, cache_dir, missing, note, output_of, tool, write_atomic

MAX_AGE = 24 * 3600  # seconds after which the archive's index is asked for again
ORIGINS = ("Debian", "Debian Backports")  # what the archive's Release files call themselves
PACKAGE = re.compile(r"linux-(image|binary|modules|base)-([0-9].*-cloud-amd64)$")


def complaints(stderr):
    """apt's error and warning lines."""
    return [line for line in stderr.splitlines() if line.startswith(("E:", "W:"))]


class Archive:
    """The archive as seen through the cache's apt folder. Call under the archive lock."""

    def __init__(self):
        self.dir = cache_dir("apt")
        for sub in ("lists/partial", "cache/archives/partial", "debs"):
            os.makedirs(os.path.join(self.dir, sub), exist_ok=True)
        self.conf = os.path.join(self.dir, "apt.conf")
        self.sources = os.path.join(self.dir, "debian.sources")
        self.stamp = os.path.join(self.dir, "updated")

    def path(self, *parts):
        """A path in the apt folder."""
        return os.path.join(self.dir, *parts)

    def _conf_write(self):
        """The machine's configuration (proxy, certificates, logins), no hooks, our folders."""
        dump = output_of([tool("apt-config"), "dump"], "reading apt's configuration").decode()
        skip = ("Dir", "DPkg", "APT::Update", "APT::Sandbox", "APT::Architecture")
        lines = [line for line in dump.splitlines() if not line.startswith(skip)]
        ours = {
            "Dir::Etc::main": "/dev/null",
            "Dir::Etc::parts": "/dev/null",
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": self.path("sources.d"),
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State::lists": self.path("lists"),
            "Dir::State::status": "/dev/null",
            "Dir::Cache": self.path("cache"),
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "root",
            "Acquire::GzipIndexes": "true",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        lines += [f'{key} "{value}";' for key, value in ours.items()]
        lines.append('APT::Architectures { "amd64"; };\n')
        write_atomic(self.conf, "\n".join(lines).encode())

    def _run(self, *args, check=True):
        env = dict(os.environ, APT_CONFIG=self.conf, LC_ALL="C")
        r = subprocess.run(
            [tool(args[0]), *args[1:]],
            env=env,
            cwd=self.path("debs"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and r.returncode:
            words = complaints(r.stderr)[:3] or [r.stderr.strip()]
            raise VmError(f"{args[0]} {args[1]} failed: {' | '.join(words)}")
        return r

    def _sources_write(self, keyrings, foreign=()):
        text = vm_sources.sources_text(vm_sources.machine_entries(), keyrings, foreign)
        if not text:
            raise VmError(
                "no Debian archive in /etc/apt/sources.list or /etc/apt/sources.list.d: "
                "kernels come from there; add a line for a Debian mirror"
            )
        os.makedirs(self.path("sources.d"), exist_ok=True)
        write_atomic(self.path("sources.d", "debian.sources"), text.encode())

    def _foreign(self):
        """Mirrors in our list whose Release file does not say that they are Debian's archive."""
        out = self._run("apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)").stdout
        pairs = (line.split("|", 1) for line in out.splitlines())
        return {uri.rstrip("/") for origin, uri in pairs if origin not in ORIGINS}

    def _newer_keyring(self):
        """Debian's newest keyring package, from the suites whose signature could be verified."""
        self._run("apt-get", "download", "debian-archive-keyring")
        debs = sorted(glob.glob(self.path("debs", "debian-archive-keyring_*.deb")))
        target = self.path("keyring")
        output_of([tool("dpkg-deb"), "-x", debs[-1], target], "unpacking Debian's keyring")
        for deb in debs:
            os.unlink(deb)
        return glob.glob(os.path.join(target, "usr/share/keyrings/debian-archive-keyring.*"))

    def update(self):
        """Ask the archive for its index. Suites that do not exist on a mirror are left out."""
        if not os.path.exists(vm_sources.KEYRING):
            raise missing(os.path.basename(vm_sources.KEYRING))
        note("reading the Debian archive's index (some 50 MB, kept for a day)")
        keyrings = [vm_sources.KEYRING]
        self._conf_write()
        self._sources_write(keyrings)
        r = self._run("apt-get", "update", check=False)
        foreign = self._foreign()
        if foreign:
            self._sources_write(keyrings, foreign)
            r = self._run("apt-get", "update", check=False)
        if "NO_PUBKEY" in r.stderr or "EXPKEYSIG" in r.stderr:
            note("a suite is signed with a key newer than this machine's keyring: fetching it")
            keyrings += self._newer_keyring()
            self._sources_write(keyrings, foreign)
            r = self._run("apt-get", "update", check=False)
        words = complaints(r.stderr)
        if not glob.glob(self.path("lists", "*_Packages*")):
            raise VmError(f"the Debian archive cannot be read: {' | '.join(words[:3])}")
        if words:
            note(f"parts of the Debian archive cannot be read: {words[0]}")
        write_atomic(self.stamp, r.stderr.encode())

    def is_fresh(self):
        """True when the index here is recent enough to be used unasked."""
        try:
            return time.time() - os.stat(self.stamp).st_mtime < MAX_AGE
        except OSError:
            return False

    def packages(self):
        """Cloud kernels' packages: {release: {part: version}}, part one of image, binary, ..."""
        found = self._run("apt-cache", "search", "--names-only", "linux-.*-cloud-amd64").stdout
        names = [line.split()[0] for line in found.splitlines() if PACKAGE.match(line.split()[0])]
        show = self._run("apt-cache", "show", "--no-all-versions", *names).stdout if names else ""
        releases = {}
        for record in show.split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version|Depends): (.*)$", record, re.M))
            # An image that depends on an image is a name for the newest one, nothing else.
            if "Package" not in fields or "linux-image-" in fields.get("Depends", ""):
                continue
            part, release = PACKAGE.match(fields["Package"]).groups()
            releases.setdefault(release, {})[part] = fields["Version"]
        return releases

    def download(self, names):
        """Fetch packages 'name=version'; paths of the .deb files, which the caller removes."""
        before = set(glob.glob(self.path("debs", "*.deb")))
        for path in before:
            os.unlink(path)
        self._run("apt-get", "download", *names)
        return sorted(glob.glob(self.path("debs", "*.deb")))
