package org.vpns.predict;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Splitter;
import com.google.common.primitives.Floats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.Seeds;
import org.vpns.VisualPrompt;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.network.Engines;
import org.vpns.internal.network.PromptCheck;
import org.vpns.internal.network.PromptProviders;
import org.vpns.internal.network.Values;
import org.vpns.internal.predict.ResultFiles;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.spi.PromptProvider;

/**
 * Prompts as safetensors files: tensor {@code delta} with the learned values, and metadata with all
 * that makes the prompt again: {@code format} = {@value #FORMAT}, {@code version} = {@value
 * #VERSION}, {@code kind}, {@code option.NAME}, {@code input.channels}, {@code input.height},
 * {@code input.width}, {@code input.imageHeight}, {@code input.imageWidth}, {@code input.mean},
 * {@code input.std} (numbers separated by spaces), and {@code crc32} of the values (may be
 * missing). A prompt without parameters has no {@code delta}.
 */
public final class PromptFile {
  /** Metadata entry {@code format}. */
  public static final String FORMAT = "vpns-prompt";

  /** Metadata entry {@code version}. */
  public static final String VERSION = "1";

  private PromptFile() {}

  /**
   * Writes the prompt, whole or not at all; an existing file is replaced.
   *
   * @throws IllegalStateException if no provider on the class path makes its kind, so that nobody
   *     could load it
   * @throws IOException if the file cannot be written
   */
  public static void save(VisualPrompt prompt, Path file) throws IOException {
    Problem.given(prompt, "PromptFile.save", "prompt");
    Problem.given(file, "PromptFile.save", "file");
    PromptProviders.require(prompt, file.toString());
    PromptCheck.require(prompt, file.toString());
    ImageInput input = prompt.input();
    SafeTensors.Builder builder =
        SafeTensors.builder()
            .metadata("format", FORMAT)
            .metadata("version", VERSION)
            .metadata("kind", prompt.kind())
            .metadata("input.channels", Integer.toString(input.channels()))
            .metadata("input.height", Integer.toString(input.height()))
            .metadata("input.width", Integer.toString(input.width()))
            .metadata("input.imageHeight", Integer.toString(input.imageHeight()))
            .metadata("input.imageWidth", Integer.toString(input.imageWidth()))
            .metadata("input.mean", Floats.join(" ", input.mean()))
            .metadata("input.std", Floats.join(" ", input.std()));
    prompt.options().forEach((name, value) -> builder.metadata("option." + name, value));
    if (prompt.parameterCount() > 0) {
      float[] values = prompt.delta().getArray().toFloatArray();
      builder
          .putFloats("delta", new Shape(values.length), values)
          .metadata("crc32", checksum(values));
    }
    builder.write(file);
  }

  /**
   * Makes the prompt of a file again, with the help of the {@link PromptProvider}s on the class
   * path.
   *
   * @param manager owner of the prompt's array
   * @throws FormatException if the file is another one, damaged, or of an unknown kind
   * @throws IOException if the file cannot be read
   */
  public static VisualPrompt load(NDManager manager, Path file) throws IOException {
    Problem.given(manager, "PromptFile.load", "manager");
    Problem.given(file, "PromptFile.load", "file");
    SafeTensors tensors = SafeTensors.read(file);
    Reader reader = Reader.of(file, tensors);
    VisualPrompt prompt = create(manager, reader);
    try {
      PromptCheck.require(prompt, reader.file());
      Shape shape = new Shape(prompt.parameterCount());
      if (tensors.names().isEmpty() != (shape.size() == 0)) {
        throw reader.bad(
            "tensors", shape.size() == 0 ? List.of() : List.of("delta"), tensors.names(), null);
      }
      if (tensors.contains("delta") && !tensors.shape("delta").equals(shape)) {
        throw reader.bad("delta", shape, tensors.shape("delta"), null);
      }
      float[] values = values(tensors, reader);
      if (values.length > 0) {
        Values.set(prompt.delta().getArray(), values);
      }
      return prompt;
    } catch (Throwable e) {
      prompt.clear();
      throw e;
    }
  }

  /**
   * What a file's prompt adds to every image's canvas in evaluation, computed without an engine
   * where the prompt's kind can be (all of vpns-prompts can).
   *
   * @return channel, row, column of the canvas
   * @throws IOException as {@link #load}
   */
  public static float[] picture(Path file) throws IOException {
    Problem.given(file, "PromptFile.picture", "file");
    SafeTensors tensors = SafeTensors.read(file);
    Reader reader = Reader.of(file, tensors);
    ImageInput input = reader.input();
    float[] values = values(tensors, reader);
    try {
      Optional<float[]> picture = factory(reader).picture(input, values);
      if (picture.isPresent()) {
        return picture.get();
      }
    } catch (IllegalArgumentException e) {
      throw reader.bad("kind", "options that fit kind, canvas and values", reason(e), e);
    }
    try (NDManager manager =
        Engines.newManager("picture of a prompt of kind " + reader.text("kind"))) {
      return load(manager, file).picture();
    }
  }

  private static PromptProvider provider(String kind, Reader reader) throws IOException {
    PromptProvider provider = PromptProviders.find(kind);
    if (provider != null) {
      return provider;
    }
    throw new FormatException(
        "prompt of a kind that no module on the class path makes",
        reader.file(),
        "kind",
        "a PromptProvider for '" + kind + "'",
        "none",
        "add the module that has it (vpns-prompts, or that of the prompt's author)");
  }

  private static PromptFactory factory(Reader reader) throws IOException {
    String kind = reader.text("kind");
    PromptProvider provider = provider(kind, reader);
    return Problem.given(
        provider.create(kind, reader.options()),
        provider.getClass().getName() + ", kind '" + kind + "'",
        "what PromptProvider.create gives");
  }

  private static VisualPrompt create(NDManager manager, Reader reader) throws IOException {
    ImageInput input = reader.input();
    try {
      return Problem.given(
          factory(reader).create(manager, input, new Seeds(0).stream("prompt")),
          reader.file(),
          "what PromptFactory.create gives");
    } catch (IllegalArgumentException e) {
      throw reader.bad("kind", "options that fit kind and canvas", reason(e), e);
    }
  }

  /** The values of a file, none if it has none. */
  private static float[] values(SafeTensors tensors, Reader reader) throws IOException {
    if (tensors.names().isEmpty()) {
      return new float[0];
    }
    if (!tensors.names().equals(List.of("delta"))) {
      throw reader.bad("tensors", List.of("delta"), tensors.names(), null);
    }
    if (!tensors.type("delta").isFloat()) {
      throw reader.bad("delta", "floats", tensors.type("delta"), null);
    }
    float[] values = tensors.floats("delta");
    if (reader.metadata.containsKey("crc32")) {
      reader.expect("crc32", checksum(values));
    }
    return values;
  }

  /** CRC-32 of the values, big-endian, as eight hexadecimal digits. */
  private static String checksum(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }

  /** The inner message without its full stop: it becomes a part of the outer one. */
  private static String reason(Exception e) {
    return "(" + String.valueOf(e.getMessage()).replaceFirst("\\.$", "") + ")";
  }

  /** Metadata with its file's name, for messages. */
  private record Reader(String file, Map<String, String> metadata) {
    static Reader of(Path file, SafeTensors tensors) throws IOException {
      Reader reader = new Reader(file.toString(), tensors.metadata());
      reader.expect("format", FORMAT);
      reader.expect("version", VERSION);
      return reader;
    }

    String text(String key) throws IOException {
      String value = metadata.get(key);
      if (value == null) {
        throw bad(key, "an entry", "none", null);
      }
      return value;
    }

    void expect(String key, String expected) throws IOException {
      String found = text(key);
      if (!found.equals(expected)) {
        throw bad(key, expected, found, null);
      }
    }

    int number(String key) throws IOException {
      String value = text(key);
      try {
        return Integer.parseInt(value);
      } catch (NumberFormatException e) {
        throw bad(key, "a whole number", value, e);
      }
    }

    float[] floats(String key) throws IOException {
      String value = text(key);
      try {
        List<Float> numbers = new ArrayList<>();
        Splitter.on(' ').split(value).forEach(s -> numbers.add(Float.valueOf(s)));
        return Floats.toArray(numbers);
      } catch (NumberFormatException e) {
        throw bad(key, "numbers separated by spaces", value, e);
      }
    }

    ImageInput input() throws IOException {
      int channels = number("input.channels");
      int height = number("input.height");
      int width = number("input.width");
      // a prompt takes arrays of the canvas, however few of its pixels are stored
      long elements = MemoryBound.elements(new Shape(channels, height, width));
      if (elements > MemoryBound.heap()) {
        throw bad(
            "canvas",
            "at most " + MemoryBound.heap() + " values in this heap",
            channels + " x " + height + " x " + width,
            null);
      }
      try {
        return ImageInput.of(channels, height, width)
            .imageSize(number("input.imageHeight"), number("input.imageWidth"))
            .normalisation(floats("input.mean"), floats("input.std"));
      } catch (IllegalArgumentException e) {
        throw bad("input", "a canvas, an image size that fits it, a normalisation", reason(e), e);
      }
    }

    Map<String, String> options() {
      Map<String, String> options = new TreeMap<>();
      metadata.forEach(
          (key, value) -> {
            if (key.startsWith("option.")) {
              options.put(key.substring("option.".length()), value);
            }
          });
      return options;
    }

    private String remedy(String key) {
      return switch (key) {
        case "format" ->
            "pass a file that PromptFile.save wrote, such as "
                + ResultFiles.PROMPT
                + " of a result folder";
        case "version" ->
            "read it with the version of vpns that wrote it, or save the prompt again";
        case "canvas" -> MemoryBound.REMEDY + ", or save a prompt of a smaller canvas";
        default -> "save the prompt again or take a copy";
      };
    }

    FormatException bad(String key, Object expected, Object found, @Nullable Exception cause) {
      FormatException exception =
          new FormatException("not a prompt file", file, key, expected, found, remedy(key));
      return cause == null ? exception : exception.causedBy(cause);
    }
  }
}
