package org.vpns.examples.mutation;

import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.testing.Mutations;

/** Damage that leaves a format's outer form intact, so that it gets past the first check. */
interface Structure {
  /** A damaged copy; any {@link RuntimeException} if the bytes are not of this structure. */
  byte[] mutate(byte[] file, RandomGenerator random);

  /** Those that a file's name or first bytes tell. */
  Map<String, Structure> BY_ENDING =
      Map.of(
          ".onnx", new WireFields(),
          ".json", new JsonText(),
          ".vpns", new MaskRecords(),
          ".safetensors", new TensorsHeader(),
          ".picture", new PictureSize(),
          ".pkl", new PickleOpcodes(),
          ".legacy", new PickleOpcodes(),
          ".zip", new ZipEntries());

  /** One piece of damage to a file, of its structure where it still has one. */
  static byte[] damage(String name, byte[] file, RandomGenerator random) {
    Structure structure = BY_ENDING.get(ending(name, file));
    if (file.length < 2) {
      return file;
    }
    if (structure == null || random.nextInt(8) == 0) {
      return Mutations.mutate(file, random);
    }
    try {
      return structure.mutate(file, random);
    } catch (RuntimeException noLonger) {
      // an earlier piece of damage has hit the structure itself
      return Mutations.mutate(file, random);
    }
  }

  private static String ending(String name, byte[] file) {
    if (name.matches(".*\\.(pt|pth|ckpt)")) {
      return file.length > 0 && file[0] == 'P' ? ".zip" : ".legacy";
    }
    if (name.endsWith(".bin") && file.length > 0 && file[0] == 'P') {
      return ".zip"; // a part of a set of PyTorch's; others hold images
    }
    if (name.matches(".*\\.(png|gif|bmp|jpg)")) {
      return ".picture";
    }
    return name.substring(Math.max(0, name.lastIndexOf('.')));
  }

  /** A part of a file that its own numbers tell, so that it may lie outside. */
  static byte[] part(byte[] file, long begin, long end) {
    if (begin < 0 || begin > end || end > file.length) {
      throw new IllegalArgumentException("no part from " + begin + " to " + end);
    }
    return Arrays.copyOfRange(file, (int) begin, (int) end);
  }

  /** Numbers at which lengths, offsets and counts go astray. */
  long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    3,
    7,
    127,
    128,
    255,
    1 << 16,
    1 << 30,
    Integer.MAX_VALUE,
    1L + Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  static long number(RandomGenerator random) {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  /** Texts that a name must not be, or that a terminal acts upon. */
  String[] TEXTS = {
    "",
    " ",
    "..",
    "../up",
    "/etc/hosts",
    "a\u001b[31m\u0007b",
    "x\r\n\u202ey",
    "\u0000",
    "name.".repeat(2000),
    "é\ud83d\ude00"
  };

  static String text(RandomGenerator random) {
    return TEXTS[random.nextInt(TEXTS.length)];
  }
}
