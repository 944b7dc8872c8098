"""Makes the pictures beside this file: small ones in many formats, each with what Pillow decodes it
to, and one resized by torchvision. Debian: python3-pil, python3-torchvision.

    /usr/bin/python3 make.py
"""
import random

from PIL import Image
from torchvision.transforms import CenterCrop, InterpolationMode, Resize

WIDTH, HEIGHT = 45, 31


def picture():
    """Smooth colours, a sharp disc and some noise."""
    random.seed(7)
    made = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            disc = (x - 20) ** 2 + (y - 15) ** 2 < 90
            noise = random.randrange(40)
            made.putpixel(
                (x, y),
                (240 if disc else 4 * x + noise, 6 * y + noise, 20 if disc else 255 - 5 * x),
            )
    return made


def keep(name, **options):
    """Writes the picture and, losslessly, what it is decoded to."""
    image = options.pop("image")
    image.save(name, **options)
    with Image.open(name) as again:
        for mode, ending in (("RGB", ".rgb.png"), ("L", ".grey.png")):
            decoded = again.convert(mode)
            decoded.info = {}  # a transparent colour would be written again
            decoded.save(name + ending, optimize=True)


rgb = picture()
grey = rgb.convert("L")
alpha = Image.new("L", rgb.size)
alpha.putdata([(7 * i) % 256 for i in range(WIDTH * HEIGHT)])
rgba = rgb.copy()
rgba.putalpha(alpha)
grey_alpha = Image.merge("LA", (grey, alpha))
palette = rgb.quantize(32)

keep("plain.png", image=rgb)
keep("alpha.png", image=rgba)
keep("grey.png", image=grey)
keep("greyAlpha.png", image=grey_alpha)
keep("bit.png", image=grey.point(lambda v: 255 if v > 120 else 0).convert("1"))
keep("palette.png", image=palette, transparency=3)
keep("palette.gif", image=palette)
keep("plain.bmp", image=rgb)
keep("halves.jpg", image=rgb, quality=90, subsampling="4:2:0")
keep("full.jpg", image=rgb, quality=90, subsampling="4:4:4")
keep("progressive.jpg", image=rgb, quality=80, progressive=True)
keep("grey.jpg", image=grey, quality=90)
keep("inks.jpg", image=rgb.convert("CMYK"), quality=90)
exif = Image.Exif()
exif[0x0112] = 6  # to be turned by a quarter
keep("turned.jpg", image=rgb, quality=90, exif=exif)

for name, mode in (
    ("bilinear", InterpolationMode.BILINEAR),
    ("bicubic", InterpolationMode.BICUBIC),
):
    for height, width in ((12, 17), (31, 9), (5, 45), (64, 71), (1, 1)):
        Resize((height, width), mode)(rgb).save(f"{name}-{height}x{width}.png", optimize=True)
    CenterCrop(20)(Resize(24, mode)(rgb)).save(f"{name}-24-crop-20.png", optimize=True)
    tall = rgb.transpose(Image.Transpose.ROTATE_90)
    CenterCrop(20)(Resize(24, mode)(tall)).save(f"{name}-tall-24-crop-20.png", optimize=True)
