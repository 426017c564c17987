"""Are pictures stripped of all that is no picture, shown upright, and refused when they are damaged or too large?"""

import contextlib
import io
import random
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from formgen import pictures
from formgen.pictures import Picture, PictureError, read

SECRET = b"Lanzhou 36.06N 103.83E"


def drawn(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    """A picture in which no two corners are alike."""
    image = Image.new(mode, size)
    colours = random.Random(7)
    bands = len(image.getbands())
    for x in range(size[0]):
        for y in range(size[1]):
            pixel = (x * 6 % 256, y * 8 % 256, colours.randrange(256), 200)[:bands]
            image.putpixel((x, y), pixel if bands > 1 else pixel[0])
    return image


def jpeg(image: Image.Image | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    (image or drawn()).save(file, "JPEG", **options)
    return file.getvalue()


def png(image: Image.Image | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    (image or drawn()).save(file, "PNG", **options)
    return file.getvalue()


def exif(orientation: int | None = None, big: bool = False) -> bytes:
    """An EXIF block with a place, a time and an orientation."""
    block = Image.Exif()
    block.endian = ">" if big else "<"
    block[0x010F] = SECRET.decode()
    block[0x0132] = "2020:11:18 09:00:00"
    if orientation is not None:
        block[0x0112] = orientation
    block.get_ifd(0x8825)[1] = "N"
    return block.tobytes()


def pixels(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image.mode, image.size, image.tobytes()


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def after_start(data: bytes, *segments: bytes) -> bytes:
    """A JPEG with more segments behind its start marker."""
    return data[:2] + b"".join(segments) + data[2:]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def chunks(data: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at : at + 12 + length]
        at += 12 + length


def shown(picture: Picture) -> Image.Image:
    """The picture as a reader of the document sees it: mirrored, then turned clockwise."""
    with Image.open(io.BytesIO(picture.data)) as image:
        image.load()
        result = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if picture.mirrored else image.copy()
        return result.rotate(-90 * picture.turns, expand=True)


def refused(data: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        read(data)
    assert caught.value.remedy is not None
    assert caught.value.exit_code == 1
    assert caught.value.problem.zh
    return caught.value.problem.en


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
THUMBNAIL = jpeg(drawn((8, 6)))
JFXX = segment(0xE0, b"JFXX\0\x10" + THUMBNAIL)
JPEGS = {
    "plain": jpeg(),
    "exif": jpeg(exif=exif()),
    "xmp": jpeg(xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"),
    "comment": jpeg(comment=SECRET),
    "profile": jpeg(icc_profile=PROFILE),
    "progressive": jpeg(progressive=True, quality=90, exif=exif()),
    "restarts": jpeg(restart_marker_rows=1),
    "grey": jpeg(drawn(mode="L")),
    "inks": jpeg(drawn(mode="CMYK")),
    "trailing": jpeg() + SECRET + THUMBNAIL,
    "trailing progressive": jpeg(progressive=True) + SECRET + b"\xff\xd9",
    "thumbnail": after_start(jpeg(), segment(0xE1, b"Exif\0\0" + exif() + SECRET + THUMBNAIL)),
    "photoshop": after_start(jpeg(), segment(0xED, b"Photoshop 3.0\0" + SECRET)),
    "extension": after_start(jpeg(), JFXX, segment(0xE0, b"JFXX\0\x10" + SECRET)),
    "flashpix": after_start(jpeg(), segment(0xE2, b"FPXR\0" + SECRET)),
    "several pictures": after_start(jpeg(), segment(0xE2, b"MPF\0MM\0*\0\0\0\x08" + SECRET)),
    "old photoshop": after_start(jpeg(), segment(0xED, b"Adobe_Photoshop2.5:" + SECRET)),
    "fill bytes": after_start(jpeg(), b"\xff\xff\xff" + segment(0xFE, SECRET)),
}


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_keeps_its_pixels_and_nothing_that_is_no_picture(name: str) -> None:
    data = JPEGS[name]
    picture = read(data)
    assert (picture.suffix, picture.turns, picture.mirrored) == ("jpg", 0, False)
    # Pillow warns of what claims to hold several pictures and does not.
    assert pixels(picture.data) == pixels(JPEGS["plain"] if name == "several pictures" else data)
    assert (picture.width, picture.height) == (40, 30)
    assert SECRET not in picture.data
    assert THUMBNAIL not in picture.data
    assert picture.data.endswith(b"\xff\xd9")
    with Image.open(io.BytesIO(picture.data)) as image:
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "dpi",
            "icc_profile",
            "adobe",
            "adobe_transform",
            "progressive",
            "progression",
        }
        assert image.info.get("icc_profile") == (PROFILE if name == "profile" else None)
    assert read(picture.data) == picture


def test_a_jfif_thumbnail_is_left_behind_and_the_density_stays() -> None:
    plain = jpeg(dpi=(300, 300))
    assert plain[2:4] == b"\xff\xe0"
    small = segment(0xE0, plain[6:18] + b"\x02\x01" + SECRET[:6])
    picture = read(plain[:2] + small + plain[20:])
    assert SECRET[:6] not in picture.data
    assert picture.data == plain


def test_segments_between_the_scans_of_a_progressive_jpeg_are_left_behind_too() -> None:
    data = jpeg(progressive=True)
    first = data.index(b"\xff\xda")
    at = data.index(b"\xff\xc4", first)  # tables before the second scan
    hidden = data[:at] + segment(0xFE, SECRET) + segment(0xE1, SECRET) + data[at:]
    assert read(hidden).data == read(data).data


@pytest.mark.parametrize(
    "text",
    [{"xmp": "XML:com.adobe.xmp"}, {"comment": "Comment"}],
    ids=lambda value: str(value),
)
def test_a_png_keeps_its_pixels_and_nothing_that_is_no_picture(text: dict[str, str]) -> None:
    info = PngImagePlugin.PngInfo()
    for name in text.values():
        info.add_text(name, SECRET.decode())
        info.add_itxt(name, SECRET.decode())
    data = png(pnginfo=info, exif=exif(), icc_profile=PROFILE, dpi=(300, 300))
    assert SECRET in data
    picture = read(data + SECRET)
    assert pixels(picture.data) == pixels(data)
    assert SECRET not in picture.data
    with Image.open(io.BytesIO(picture.data)) as image:
        assert set(image.info) == {"icc_profile", "dpi"}
    assert read(picture.data) == picture
    assert picture.suffix == "png"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "I;16", "P"])
def test_a_png_of_any_kind_is_taken(mode: str) -> None:
    image = {
        "1": lambda: drawn(mode="L").convert("1"),
        "P": lambda: drawn().quantize(16),
        "I;16": lambda: Image.frombytes("I;16", (2, 1), b"\x01\x02\x03\x04"),
    }.get(mode, lambda: drawn(mode=mode))()
    data = png(image, **({"transparency": 3} if mode == "P" else {}))
    assert pixels(read(data).data) == pixels(data)


def test_an_animated_png_becomes_its_first_picture() -> None:
    file = io.BytesIO()
    drawn().save(file, "PNG", save_all=True, append_images=[drawn(mode="RGB").rotate(180)])
    assert pixels(read(file.getvalue()).data) == pixels(png())
    assert b"fdAT" not in read(file.getvalue()).data


@pytest.mark.parametrize("kind", ["jpg", "png"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("orientation", [*range(1, 9), 0, 9, 4711])
def test_a_picture_is_shown_as_its_orientation_says(orientation: int, big: bool, kind: str) -> None:
    block = exif(orientation, big)
    data = jpeg(exif=block) if kind == "jpg" else png(exif=block)
    picture = read(data)
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
    assert shown(picture).size == upright.size
    assert shown(picture).tobytes() == upright.tobytes()
    assert (picture.turns, picture.mirrored) == (0, False) or 2 <= orientation <= 8


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        b"XX*\0\x08\0\0\0\x01\0",
        b"II*\0\xff\xff\xff\xff\x01\0",
        b"II*\0\x08\0\0\0\xff\xff\x12\x01",
        b"II*\0\x08\0\0\0\0\0",
        b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0",
    ],
)
def test_a_damaged_exif_block_leaves_the_picture_upright(block: bytes) -> None:
    picture = read(after_start(jpeg(), segment(0xE1, b"Exif\0\0" + block)))
    assert (picture.turns, picture.mirrored) == (0, False)


def test_an_orientation_written_as_a_long_number_counts() -> None:
    block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x06\0\0\0\0"
    assert read(after_start(jpeg(), segment(0xE1, b"Exif\0\0" + block))).turns == 1


def test_a_picture_next_to_exif_of_another_kind_stays_upright() -> None:
    assert read(after_start(jpeg(), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"))).turns == 0


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8", b"\x89PNG", b"GIF89a" + bytes(20), b"BM" + bytes(60)])
def test_what_is_neither_jpeg_nor_png_is_refused(data: bytes) -> None:
    assert refused(data) == "this is not a JPEG or PNG picture"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_kinds_of_pictures_are_refused(kind: str) -> None:
    file = io.BytesIO()
    drawn().save(file, kind)
    assert refused(file.getvalue()) == "this is not a JPEG or PNG picture"


LARGER = {
    "jpg": jpeg(drawn((64, 64)), exif=exif(6)),
    "png": png(drawn((64, 64)), exif=exif(6)),
    "progressive": jpeg(drawn((64, 64)), progressive=True),
}


@pytest.mark.parametrize("name", LARGER)
def test_a_picture_that_was_cut_off_anywhere_is_refused(name: str) -> None:
    data = LARGER[name]
    for cut in [*range(8, len(data) - 1, 41), len(data) - 1]:
        assert refused(data[:cut]) == "the picture is cut off or damaged"


NOISE = Image.frombytes("RGB", (200, 150), random.Random(3).randbytes(200 * 150 * 3))


@pytest.mark.parametrize("percent", [0, 10, 30, 60, 90, 99])
@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}, {"restart_marker_blocks": 3}],
    ids=str,
)
def test_a_jpeg_that_was_cut_off_and_closed_again_is_refused(options: dict[str, Any], percent: int) -> None:
    for image in (NOISE, Image.new("RGB", (200, 150), "teal")):
        data = jpeg(image, **options)
        assert pixels(read(data).data) == pixels(data)
        start = data.index(b"\xff\xda") + 14
        assert refused(data[: start + (len(data) - start) * percent // 101] + b"\xff\xd9") == (
            "the picture is cut off or damaged"
        )


@pytest.mark.parametrize(
    "options", [{}, {"subsampling": 0}, {"subsampling": 1}, {"optimize": True}, {"mode": "L"}], ids=str
)
def test_a_jpeg_of_one_pass_is_refused_when_any_of_its_last_bytes_is_missing(options: dict[str, Any]) -> None:
    image = NOISE.convert(options.get("mode", "RGB"))
    data = jpeg(image, **{key: value for key, value in options.items() if key != "mode"})
    assert len(read(data).data) == len(data)
    assert_refused_without_its_last_bytes(data)


def test_a_progressive_jpeg_is_refused_when_any_of_its_last_bytes_is_missing() -> None:
    assert_refused_without_its_last_bytes(jpeg(NOISE, progressive=True))


def assert_refused_without_its_last_bytes(data: bytes) -> None:
    """Refused, for want of 1 to 64 bytes: but for the last one, which may hold no more than a bit that was guessed."""
    for missing in range(1, 65):
        # A cut within an escaped byte would leave half a marker.
        cut = data[: -2 - missing].removesuffix(b"\xff") + b"\xff\xd9"
        if missing > 1 or pixels(cut) != pixels(data):
            assert refused(cut) == "the picture is cut off or damaged", missing


@pytest.mark.parametrize("size", [(64, 64), (5, 64), (64, 5)], ids=str)
@pytest.mark.parametrize("options", [{}, {"restart_marker_blocks": 2}, {"progressive": True}], ids=str)
def test_a_whole_jpeg_that_ends_like_one_without_data_is_read(options: dict[str, Any], size: tuple[int, int]) -> None:
    for colour in (128, 127, 0, 255):
        assert read(jpeg(Image.new("L", size, colour), **options)).width == size[0]


@pytest.mark.parametrize("sampling", [0x00, 0x10, 0x01, 0x55, 0x44])
def test_a_jpeg_whose_sampling_is_none_or_odd_is_refused_or_read(sampling: int) -> None:
    data = bytearray(jpeg(drawn((64, 64), "L")))
    data[data.index(b"\xff\xc0") + 11] = sampling
    if sampling == 0x44:  # of a single component it says nothing
        assert read(bytes(data)).width == 64
    else:
        assert refused(bytes(data)) == "the picture is cut off or damaged"


def test_a_jpeg_cut_off_at_a_restart_marker_or_between_two_passes_is_refused() -> None:
    restarting, passes = jpeg(NOISE, restart_marker_blocks=3), jpeg(NOISE, progressive=True)
    for cut in (restarting.rindex(b"\xff\xd3"), passes.rindex(b"\xff\xda"), passes.rindex(b"\xff\xc4")):
        data = restarting if cut == restarting.rindex(b"\xff\xd3") else passes
        assert refused(data[:cut] + b"\xff\xd9") == "the picture is cut off or damaged"


@pytest.mark.parametrize("name", LARGER)
def test_a_picture_that_was_cut_off_and_closed_again_is_refused_or_decodes(name: str) -> None:
    data = LARGER[name]
    end = data[-12:] if name == "png" else data[-2:]
    for cut in range(8, len(data) - 12, 53):
        try:
            picture = read(data[:cut] + end)
        except PictureError:
            continue
        assert pixels(picture.data)[1] == (64, 64)
        assert name != "png"


def test_a_picture_of_too_many_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_BYTES", 1024 * 1024)
    assert refused(jpeg() + bytes(1024 * 1024)) == "the picture has more than 1 MB"


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))


PNG = b"\x89PNG\r\n\x1a\n"
END = chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (50_000, 1_001), (2**31 - 1, 2**31 - 1)])
def test_a_png_of_no_or_too_many_pixels_is_refused(size: tuple[int, int]) -> None:
    data = PNG + header(*size) + chunk(b"IDAT", zlib.compress(bytes(100))) + END
    assert "pixels" in refused(data)


def jpeg_of_size(width: int, height: int) -> bytes:
    data = jpeg(drawn((16, 16), "L"))
    at = data.index(b"\xff\xc0")
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (65_000, 65_000), (7_072, 7_072)])
def test_a_jpeg_of_no_or_too_many_pixels_is_refused(size: tuple[int, int]) -> None:
    assert "pixels" in refused(jpeg_of_size(*size))


@pytest.mark.parametrize("size", [(10_000, 10_000), (20_000, 20_000)])
def test_a_png_cannot_hide_its_size_behind_a_second_header(size: tuple[int, int]) -> None:
    data = PNG + header(8, 8) + header(*size) + chunk(b"IDAT", zlib.compress(bytes(64))) + END
    assert refused(data) == "the picture is cut off or damaged"
    late = PNG + chunk(b"tEXt", struct.pack(">II", 8, 8)) + header(*size) + chunk(b"IDAT", b"") + END
    assert refused(late) == "the picture is cut off or damaged"


def test_a_png_whose_checksum_is_wrong_is_refused_as_word_would() -> None:
    data = bytearray(png())
    for part in chunks(bytes(data)):
        broken = bytes(data).replace(part, part[:-1] + bytes([part[-1] ^ 1]))
        assert refused(broken) == "the picture is cut off or damaged"


def test_a_png_without_any_pixels_is_refused() -> None:
    assert refused(PNG + header(8, 8) + END) == "the picture is cut off or damaged"


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xff\xff\xff",
        b"\xff\xd8\xff\xda\0\x02\xff\xd9",
        b"\xff\xd8\xff\xe0\0\0" + bytes(40),
        b"\xff\xd8\xff\x01" + jpeg()[2:],
        after_start(jpeg(), segment(0xC0, b"\x08\0\x10\0\x10\x01\x01\x11\0")),
        b"\xff\xd8\xff\xd8" + jpeg()[2:],
        b"\xff\xd8\xff\xfe\0\x04ab" + b"xx" + jpeg()[2:],
        b"\xff\xd8" + segment(0xE0, b"JFIF"),
    ],
)
def test_a_jpeg_of_fragments_is_refused(data: bytes) -> None:
    assert refused(data)


CORPUS = [*JPEGS.values(), png(), png(exif=exif(5), icc_profile=PROFILE), png(drawn().quantize(8))]


@settings(max_examples=150)
@given(
    st.sampled_from(range(len(CORPUS))),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 40),
)
def test_a_picture_with_changed_bytes_is_read_or_refused(index: int, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(CORPUS[index])
    for at, byte in changes:
        data[at % len(data)] = byte
    try:
        picture = read(bytes(data[: len(data) - cut]))
    except PictureError:
        return
    assert picture.width * picture.height > 0


@given(st.binary(max_size=300), st.sampled_from([b"\xff\xd8\xff", PNG, PNG + header(3, 3), jpeg()[:-60]]))
def test_any_bytes_are_a_picture_or_refused(data: bytes, start: bytes) -> None:
    with contextlib.suppress(PictureError):
        read(start + data)


@settings(max_examples=80)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"iCCP", b"gAMA", b"cHRM", b"pHYs", b"sRGB", b"eXIf"]),
            st.binary(max_size=20),
        ),
        max_size=5,
    )
)
def test_a_png_of_any_chunks_is_read_or_refused(extra: list[tuple[bytes, bytes]]) -> None:
    data = png(drawn((4, 4)))
    with contextlib.suppress(PictureError):
        read(data[:33] + b"".join(chunk(kind, content) for kind, content in extra) + data[33:])
