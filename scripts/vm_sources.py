# SPDX-License-Identifier: GPL-2.0
"""The machine's own package sources, turned into sources for every Debian suite with a kernel.

Both forms of apt's source lists are read: one-line (*.list) and deb822 (*.sources). An entry is
kept with its mirror, its keyring and its options; only the suites are replaced. No mirror's name is
known here: a machine that reaches the archive at all says how.
"""

import glob
import os
import re

CODENAMES = ("bullseye", "bookworm", "trixie", "forky", "duke", "sid", "experimental")
ALIASES = ("oldoldstable", "oldstable", "stable", "testing", "unstable", "rc-buggy")
# Where kernels live: 5.10, 6.1, 6.12 in the releases, newer ones in the rest.
MAIN_SUITES = (
    "bullseye",
    "bookworm",
    "bookworm-backports",
    "trixie",
    "trixie-backports",
    "forky",
    "sid",
    "experimental",
)
SECURITY_SUITES = ("bullseye-security", "bookworm-security", "trixie-security")
# Suites no longer updated: their Release files say that they are out of date, for ever.
FROZEN_SUITES = ("bullseye", "bullseye-security")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

SUITE = re.compile(
    f"({'|'.join(CODENAMES + ALIASES)})(-updates|-proposed-updates|-backports|-security|/updates)?$"
)
ONE_LINE = re.compile(r"deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)\s*(.*)$")
# Names of one-line options and deb822 fields that are not simply capitalised.
FIELDS = {"arch": "Architectures", "lang": "Languages", "target": "Targets", "pdiffs": "PDiffs"}
FIELDS["uris"] = "URIs"


def field_name(name):
    """The deb822 spelling of a one-line option or of a field in any case."""
    return FIELDS.get(name.lower(), name.title())


def parse_one_line(text):
    """Entries of a *.list file, as dicts of deb822 fields."""
    for line in text.splitlines():
        m = ONE_LINE.match(line.split("#", 1)[0].strip())
        if not m:
            continue
        entry = {"URIs": m[2], "Suites": m[3], "Components": m[4]}
        for option in (m[1] or "").split():
            name, eq, value = option.partition("=")
            if eq:
                field = field_name(name.rstrip("+-"))
                entry[field] = value.replace(",", " ")
        yield entry


def parse_deb822(text):
    """Entries of a *.sources file; comment lines may stand anywhere, even inside a field."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n[ \t]*\n", "\n".join(lines)):
        entry, field = {}, None
        for line in stanza.splitlines():
            if line[:1] in (" ", "\t") and field:
                entry[field] += "\n" + line
            elif ":" in line:
                field, value = line.split(":", 1)
                field = field_name(field.strip())
                entry[field] = value.strip()
        if "deb" not in entry.get("Types", "").split():
            continue
        if entry.get("Enabled", "yes").lower() in ("no", "false", "0", "off"):
            continue
        yield entry


def machine_entries(etc="/etc/apt"):
    """All entries of the machine's apt configuration below ETC."""
    parts = sorted(glob.glob(os.path.join(etc, "sources.list.d", "*")))
    for path in [os.path.join(etc, "sources.list")] + parts:
        if not path.endswith((".list", ".sources")) or not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8", errors="replace") as f:
            text = f.read()
        yield from (parse_deb822 if path.endswith(".sources") else parse_one_line)(text)


def archive_of(entry):
    """'main' or 'security' when the entry looks like the Debian archive's, else None.

    Other repositories use Debian's suite names as well; what they sign and what they call
    themselves (Origin) is checked once their Release file is here.
    """
    if "main" not in entry.get("Components", "").split():
        return None
    if entry.get("URIs", "").startswith("cdrom:"):
        return None
    suites = [SUITE.match(suite) for suite in entry.get("Suites", "").split()]
    if not suites or not all(suites):
        return None
    return "security" if all(m[2] in ("-security", "/updates") for m in suites) else "main"


def stanza(entry, uri, suite, keyrings):
    """One deb822 stanza for one suite of one mirror, with the entry's own options."""
    dropped = ("Types", "URIs", "Suites", "Components", "Architectures", "Languages", "Targets")
    fields = {"Types": "deb", "URIs": uri, "Suites": suite, "Components": "main"}
    fields["Architectures"] = "amd64"
    fields.update((k, v) for k, v in entry.items() if k not in dropped + ("Enabled", "PDiffs"))
    signed = fields.get("Signed-By", "")
    if "PGP PUBLIC KEY" not in signed:
        files = [f for f in re.split(r"[\s,]+", signed) if f]
        fields["Signed-By"] = " ".join(dict.fromkeys(files + list(keyrings)))
    if suite in FROZEN_SUITES:
        fields["Check-Valid-Until"] = "no"
    return "".join(f"{k}: {v}\n" for k, v in fields.items() if v)


def sources_text(entries, keyrings, foreign=()):
    """A deb822 file for all suites, on the mirrors of ENTRIES that are not in FOREIGN."""
    seen, out = set(), []
    for entry in entries:
        kind = archive_of(entry)
        if not kind:
            continue
        for uri in entry["URIs"].split():
            if (kind, uri.rstrip("/")) in seen or uri.rstrip("/") in foreign:
                continue
            seen.add((kind, uri.rstrip("/")))
            suites = SECURITY_SUITES if kind == "security" else MAIN_SUITES
            out += [stanza(entry, uri, suite, keyrings) for suite in suites]
    return "\n".join(out)
