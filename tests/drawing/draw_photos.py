"""Draws the photos of inputs/demo-2020: twelve portraits and two views of a hall, all of them geometry.

Run by hand from the top of the checkout; the same Pillow draws the same bytes::

    python tests/drawing/draw_photos.py

Nobody is in these pictures. ``04.jpg`` lies on its side and says so in its EXIF orientation, as phones do it;
``07.png`` is the one that is not a JPEG.
"""

import hashlib
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

PHOTOS = Path(__file__).parents[2] / "inputs" / "demo-2020" / "photos"
PORTRAIT = (295, 413)
"""Pixels of a one-inch photo (25 mm x 35 mm) at 300 dpi."""
HALL = (1200, 800)
SCALE = 3  # drawn larger and shrunk: ImageDraw has no smooth edges of its own
SIDEWAYS = 4
PNG = 7
LONG_HAIR = {2, 4, 5, 8, 10, 11}
EXIF_ORIENTATION = 0x0112
TURN_CLOCKWISE = 6

Colour = tuple[int, int, int]
BACKDROPS: tuple[Colour, ...] = ((214, 226, 240), (197, 60, 52), (70, 122, 190))
SKINS: tuple[Colour, ...] = ((244, 212, 184), (233, 194, 160), (222, 178, 142), (247, 220, 198))
HAIRS: tuple[Colour, ...] = ((35, 30, 32), (52, 40, 34), (24, 24, 30))
CLOTHES: tuple[Colour, ...] = ((38, 54, 92), (240, 240, 236), (92, 40, 52), (48, 84, 72), (70, 70, 78))


def grain(image: Image.Image, seed: str, strength: int) -> Image.Image:
    """``image`` with fine noise over it, always the same for the same ``seed``: flat colour compresses to nothing."""
    width, height = image.size
    noise = Image.frombytes("L", image.size, hashlib.shake_256(seed.encode()).digest(width * height))
    soft = noise.point([value * strength // 255 for value in range(256)]).convert("RGB")
    return ImageChops.subtract(image, soft)


def shade(top: Colour, size: tuple[int, int]) -> Image.Image:
    """A backdrop that darkens a little towards the floor."""
    light = Image.new("RGB", size, top)
    dark = Image.new("RGB", size, (top[0] * 4 // 5, top[1] * 4 // 5, top[2] * 4 // 5))
    return Image.composite(dark, light, Image.linear_gradient("L").resize(size))


def portrait(number: int) -> Image.Image:
    """A head and shoulders that no two numbers share."""
    width, height = (side * SCALE for side in PORTRAIT)
    image = shade(BACKDROPS[number % 3], (width, height))
    draw = ImageDraw.Draw(image)
    skin, hair, cloth = SKINS[number % 4], HAIRS[number % 3], CLOTHES[number % 5]
    middle, eyes = width // 2, height * 42 // 100
    half = width * (21 + number % 4) // 100
    if number in LONG_HAIR:  # it falls behind the shoulders
        box = (middle - half * 5 // 4, eyes - half * 3 // 2, middle + half * 5 // 4, eyes + half * 5 // 2)
        draw.rounded_rectangle(box, radius=half, fill=hair)
    draw.ellipse((width * 8 // 100, height * 72 // 100, width * 92 // 100, height * 135 // 100), fill=cloth)
    draw.rectangle((middle - half // 2, eyes + half, middle + half // 2, height * 78 // 100), fill=skin)
    collar = [(middle - half * 3 // 4, height * 73 // 100), (middle, height * 88 // 100)]
    draw.polygon([*collar, (middle + half * 3 // 4, height * 73 // 100)], fill=skin)
    draw.ellipse((middle - half, eyes - half * 5 // 4, middle + half, eyes + half * 3 // 2), fill=skin)
    draw.chord((middle - half, eyes - half * 3 // 2, middle + half, eyes + half // 3), 180, 360, fill=hair)
    for side in (-1, 1):
        x = middle + side * half * 2 // 5
        draw.ellipse((x - 12, eyes + 30, x + 12, eyes + 54), fill=(40, 32, 30))
        draw.line((x - 30, eyes + 4, x + 30, eyes + 4), fill=hair, width=9)
        if number % 5 == 1:
            draw.ellipse((x - 52, eyes - 10, x + 52, eyes + 94), outline=(60, 60, 66), width=6)
    smile = half * (2 + number % 3) // 8
    draw.arc((middle - smile, eyes + half // 2, middle + smile, eyes + half), 20, 160, fill=(168, 84, 78), width=9)
    small = image.resize(PORTRAIT, Image.Resampling.LANCZOS)
    # A PNG keeps every grain and would be several times as large as its neighbours.
    return small if number == PNG else grain(small, f"portrait {number}", 9)


def hall(number: int) -> Image.Image:
    """Rows of delegates before a stage: with an aisle (1), with ballot boxes (2)."""
    width, _ = HALL
    image = shade((236, 222, 198), HALL)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 110), fill=(150, 110, 74))
    draw.polygon([(120, 110), (width - 120, 110), (width - 60, 400), (60, 400)], fill=(126, 28, 30))
    draw.rectangle((200, 140, width - 200, 205), fill=(206, 36, 36))  # the banner, without words
    draw.rectangle((60, 390, width - 60, 440), fill=(176, 132, 88))
    for place in range(7):
        x = 300 + place * 100
        draw.ellipse((x - 18, 300, x + 18, 338), fill=SKINS[place % 4])
        draw.rounded_rectangle((x - 32, 336, x + 32, 392), radius=12, fill=CLOTHES[place % 5])
    draw.rectangle((250, 368, width - 250, 412), fill=(232, 232, 226))
    for row in range(7):
        y, step = 470 + row * 52, 44 + row * 7
        for seat in range(-width // step, 2 * width // step):
            x = seat * step + (row % 2) * step // 2 + number * 17
            if number == 1 and abs(x - width // 2) < 40 + row * 9:
                continue  # the aisle
            size = step * 2 // 5
            draw.rounded_rectangle(
                (x - size, y + size, x + size, y + size * 4), radius=size // 2, fill=CLOTHES[(seat * 3 + row * 7) % 5]
            )
            draw.ellipse((x - size // 2, y, x + size // 2, y + size * 6 // 5), fill=HAIRS[(seat + row) % 3])
    if number == 2:
        for x in (140, 980):
            draw.rectangle((x, 430, x + 90, 560), fill=(198, 30, 30), outline=(240, 210, 120), width=5)
            draw.rectangle((x + 22, 446, x + 68, 454), fill=(30, 20, 20))
    return grain(image.filter(ImageFilter.GaussianBlur(1)), f"hall {number}", 8)


def save_portrait(number: int) -> None:
    image = portrait(number)
    if number == PNG:
        image.save(PHOTOS / f"{number:02}.png", optimize=True, dpi=(300, 300))
        return
    exif = Image.Exif()
    if number == SIDEWAYS:
        image = image.transpose(Image.Transpose.ROTATE_90)  # anticlockwise; turning it clockwise puts it right
        exif[EXIF_ORIENTATION] = TURN_CLOCKWISE
    image.save(PHOTOS / f"{number:02}.jpg", quality=88, dpi=(300, 300), exif=exif)


def main() -> None:
    PHOTOS.mkdir(parents=True, exist_ok=True)
    for number in range(1, 13):
        save_portrait(number)
    for number in (1, 2):
        hall(number).save(PHOTOS / f"congress-{number}.jpg", quality=60)


if __name__ == "__main__":
    main()
