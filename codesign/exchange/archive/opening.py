"""Opens an archive that may be broken or hostile: what it is said to hold is checked before a byte is unpacked.

Nothing is ever unpacked onto the disk and no name in the file becomes a path, so there is nowhere to climb to.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from codesign.exchange.archive import contents
from codesign.kernel.errors import Invalid, TooLarge
from codesign.kernel.text import _

_END = struct.Struct("<4s4H2LH")
_SIGNATURE, _SIGNATURE_64 = b"PK\x05\x06", b"PK\x06\x07"
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BLOCK = 64 * 1024
#: Tables whose rows hold a whole document or file.
_DOCUMENTS = {"product_version", "picture"}


@dataclass(frozen=True)
class Limits:
    """The most an archive may hold; far above what spaces have, far below what would hurt."""

    file: int = 4 * 1024**3 - 1
    unpacked: int = 16 * 1024**3
    rows: int = 20_000_000
    line: int = 1024 * 1024
    document: int = 24 * 1024 * 1024  # a line that holds a whole product model, or a picture
    manifest: int = 64 * 1024
    directory: int = 64 * 1024
    ratio: int = 200
    ratio_from: int = 1024 * 1024


class _FileSchema(Schema):
    class Meta:
        unknown = RAISE

    bytes = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    rows = fields.Integer(required=True, strict=True, validate=validate.Range(0))
    sha256 = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class _SpaceSchema(Schema):
    class Meta:
        unknown = RAISE

    id = fields.String(required=True, validate=validate.Regexp(r"[0-9A-Z]{26}\Z"))
    slug = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9-]{1,64}\Z"))
    name = fields.String(required=True, validate=validate.Length(1, 120))


class _LogSchema(Schema):
    class Meta:
        unknown = RAISE

    seq = fields.Integer(required=True, strict=True, validate=validate.Range(1))
    hash = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))


class ManifestSchema(Schema):
    """``manifest.json`` of an archive."""

    class Meta:
        unknown = RAISE

    format = fields.String(required=True)
    format_version = fields.Integer(required=True, strict=True)
    product_version = fields.String(required=True, validate=validate.Length(1, 40))
    with_people = fields.Boolean(required=True, truthy={True}, falsy={False})
    space = fields.Nested(_SpaceSchema, required=True)
    log = fields.Nested(_LogSchema, required=True)
    files = fields.Dict(fields.String(), fields.Nested(_FileSchema), required=True)


class Archive:
    """An open archive whose directory and manifest fit together. ``digest`` is the SHA-256 of the whole file."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self.path, self.limits = path, limits or Limits()
        self._file = _open(path, self.limits)
        try:
            self._zip = self._open_zip()
            self.manifest: dict[str, Any] = self._read_manifest()
            self._check_files()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()
        self._file.close()

    @property
    def space_id(self) -> str:
        """The id of the space in it."""
        return str(self.manifest["space"]["id"])

    @property
    def slug(self) -> str:
        """The address of the space in it."""
        return str(self.manifest["space"]["slug"])

    @property
    def with_people(self) -> bool:
        """Whether it holds e-mail addresses and credentials."""
        return bool(self.manifest["with_people"])

    @property
    def rows(self) -> int:
        """How many rows it is said to hold."""
        return sum(entry["rows"] for entry in self.manifest["files"].values())

    def digest(self) -> str:
        """The SHA-256 of the file as it lies there."""
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").hexdigest()

    # --- The directory ------------------------------------------------------------------------------------------------

    def _open_zip(self) -> zipfile.ZipFile:
        _check_end(self._file, self.limits)
        try:
            opened = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
            raise _refused(_("This is no ZIP file, or a broken one.")) from None
        for entry in opened.infolist():
            _check_entry(entry)
        names = [entry.filename for entry in opened.infolist()]
        wanted = {contents.MANIFEST, *(contents.file_of(name) for name in contents.KEPT)}
        if contents.MANIFEST not in names:
            raise _refused(_("This is no archive of a space: it has no manifest."))
        if len(names) != len(set(names)) or not set(names) <= wanted:
            strange = sorted(set(names) - wanted) or names
            raise _refused(_("The archive holds a file that does not belong there: %(name)s.", name=strange[0][:80]))
        return opened

    def _read_manifest(self) -> dict[str, Any]:
        entry = self._zip.getinfo(contents.MANIFEST)
        if entry.file_size > self.limits.manifest:
            raise TooLarge(_("The manifest of this archive is too large."))
        try:
            found = orjson.loads(b"".join(self._blocks(entry, self.limits.manifest)))
        except orjson.JSONDecodeError:
            raise _refused(_("The manifest of this archive is no JSON.")) from None
        form = (found.get("format"), found.get("format_version")) if isinstance(found, dict) else None
        if form != (contents.FORMAT, contents.VERSION):
            raise _refused(_("This archive has a format this version of Codesign does not know."))
        try:
            manifest: dict[str, Any] = ManifestSchema().load(found)
        except ValidationError as error:
            where = next(iter(error.normalized_messages()))
            raise _refused(_("The manifest of this archive is wrong at: %(where)s.", where=where)) from None
        return manifest

    def _check_files(self) -> None:
        said, there = self.manifest["files"], {entry.filename: entry for entry in self._zip.infolist()}
        wanted = {contents.file_of(name) for name in contents.KEPT}
        if said.keys() != wanted or there.keys() != wanted | {contents.MANIFEST}:
            missing = sorted(wanted - (said.keys() & there.keys())) or [contents.MANIFEST]
            raise _refused(_("The archive is not complete: %(name)s is missing.", name=missing[0]))
        if self.rows > self.limits.rows:
            raise TooLarge(_("The archive holds more rows than this server takes (%(most)s).", most=self.limits.rows))
        if sum(entry["bytes"] for entry in said.values()) > self.limits.unpacked:
            raise TooLarge(_("Unpacked, the archive would be larger than this server takes."))
        for name in wanted:
            size, packed = said[name]["bytes"], there[name].compress_size
            if there[name].file_size != size:
                raise _refused(_("%(name)s has another size than the manifest says.", name=name))
            if size > self.limits.ratio_from and size > packed * self.limits.ratio:
                raise TooLarge(_("%(name)s is packed more tightly than rows of a space can be.", name=name))

    # --- The files ----------------------------------------------------------------------------------------------------

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of the file of table *name*; at its end, size, number of rows and hash are as the manifest says.

        Whoever reads must read to the end to know. Memory stays flat whatever the file holds.
        """
        file = contents.file_of(name)
        said = self.manifest["files"][file]
        digest, count, rest = hashlib.sha256(), 0, b""
        longest = self.limits.document if name in _DOCUMENTS else self.limits.line
        for block in self._blocks(self._zip.getinfo(file), said["bytes"]):
            digest.update(block)
            *whole, rest = (rest + block).split(b"\n")
            if len(rest) > longest:
                raise TooLarge(_("A row of %(name)s is longer than this server takes.", name=file))
            for line in whole:
                count += 1
                if count > said["rows"]:
                    raise _refused(_("%(name)s holds more rows than the manifest says.", name=file))
                yield line
        if rest or count != said["rows"]:
            raise _refused(_("%(name)s does not hold the rows the manifest says.", name=file))
        if digest.hexdigest() != said["sha256"]:
            raise _refused(_("%(name)s was changed after the archive was made: its hash is wrong.", name=file))

    def _blocks(self, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
        """What is in a file, a block at a time, and never more than *most* bytes."""
        read = 0
        try:
            with self._zip.open(entry) as stream:
                while block := stream.read(_BLOCK):
                    read += len(block)
                    if read > most:
                        raise _refused(_("%(name)s is larger than the manifest says.", name=entry.filename))
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, struct.error):
            raise _refused(_("%(name)s in the archive is broken.", name=entry.filename)) from None


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence)


def _open(path: Path, limits: Limits) -> BufferedReader:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _refused(_("%(path)s is no plain file.", path=path))
        if found.st_size > limits.file:
            raise TooLarge(_("An archive of a space is smaller than 4 GB; this file is larger."))
        return path.open("rb")
    except OSError as error:
        raise _refused(_("%(path)s cannot be read: %(reason)s.", path=path, reason=error.strerror)) from None


def _check_end(file: BufferedReader, limits: Limits) -> None:
    """Look at the end of the ZIP file before Python reads its directory whole: ours is small and without comment."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END.size - 20))
    tail = file.read()
    end = _END.unpack(tail[-_END.size :]) if len(tail) >= _END.size else (b"",)
    if end[0] != _SIGNATURE or end[-1] != 0:
        raise _refused(_("This is no ZIP file, or a broken one."))
    if end[4] > len(contents.KEPT) + 1 or end[5] > limits.directory or tail.startswith(_SIGNATURE_64):
        raise TooLarge(_("This ZIP file holds more files than an archive of a space has."))


def _check_entry(entry: zipfile.ZipInfo) -> None:
    mode = entry.external_attr >> 16
    name = entry.filename[:80]
    if entry.is_dir() or (stat.S_IFMT(mode) not in {0, stat.S_IFREG}):
        raise _refused(_("%(name)s in the archive is no plain file.", name=name))
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        raise _refused(_("%(name)s in the archive is packed in a way that is not taken.", name=name))
