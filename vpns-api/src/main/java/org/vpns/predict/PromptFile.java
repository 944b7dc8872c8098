package org.vpns.predict;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.Seeds;
import org.vpns.VisualPrompt;
import org.vpns.io.SafeTensors;
import org.vpns.learn.Values;
import org.vpns.spi.PromptProvider;

/**
 * A visual prompt as a safetensors file: tensor {@code delta} (F32, the active pixels) and metadata
 * {@code format}, {@code kind}, {@code options} and {@code input}.
 */
public final class PromptFile {
  private static final String FORMAT = "vpns prompt 1";
  private static final Gson GSON = new Gson();

  private PromptFile() {}

  /** Writes a prompt. */
  public static void write(VisualPrompt prompt, Path file) throws IOException {
    float[] values =
        prompt.parameterCount() == 0 ? new float[0] : prompt.delta().getArray().toFloatArray();
    SafeTensors.builder()
        .putFloats("delta", new Shape(values.length), values)
        .metadata("format", FORMAT)
        .metadata("kind", prompt.kind())
        .metadata("options", GSON.toJson(new LinkedHashMap<>(prompt.options())))
        .metadata("input", GSON.toJson(InputRecord.of(prompt.input())))
        .write(file);
  }

  /**
   * Reads a prompt; its kind is made by the {@link PromptProvider} that knows it.
   *
   * @throws IOException if the file is damaged, no prompt, or of a kind that nobody provides
   */
  public static VisualPrompt read(Path file, NDManager manager) throws IOException {
    SafeTensors tensors = SafeTensors.read(file);
    Map<String, String> metadata = tensors.metadata();
    if (!FORMAT.equals(metadata.get("format")) || !tensors.contains("delta")) {
      throw new IOException(
          Problem.message(
              "no prompt file",
              file.toString(),
              FORMAT + " with a tensor delta",
              metadata.get("format") + " with " + tensors.names(),
              "pass a file written by PromptFile"));
    }
    String kind = String.valueOf(metadata.get("kind"));
    try {
      Map<String, String> options = new LinkedHashMap<>();
      Map<?, ?> stored = GSON.fromJson(metadata.get("options"), Map.class);
      if (stored != null) {
        stored.forEach((key, value) -> options.put(String.valueOf(key), String.valueOf(value)));
      }
      InputRecord record = GSON.fromJson(metadata.get("input"), InputRecord.class);
      if (record == null) {
        throw damaged(file, "input", "a canvas", "nothing", null);
      }
      ImageInput input = record.toInput();
      VisualPrompt prompt =
          factory(kind, options, file).create(manager, input, new Seeds(0).stream("prompt-file"));
      float[] values = tensors.floats("delta");
      if (values.length != prompt.parameterCount()) {
        prompt.clear();
        throw damaged(
            file, "delta", prompt.parameterCount() + " values", values.length + " values", null);
      }
      if (values.length > 0) {
        Values.set(prompt.delta().getArray(), values);
      }
      return prompt;
    } catch (JsonSyntaxException | IllegalArgumentException e) {
      throw damaged(file, "metadata", "options of prompt '" + kind + "'", e.getMessage(), e);
    }
  }

  private static PromptFactory factory(String kind, Map<String, String> options, Path file)
      throws IOException {
    for (PromptProvider provider : ServiceLoader.load(PromptProvider.class)) {
      if (provider.provides(kind)) {
        return provider.create(kind, options);
      }
    }
    throw damaged(
        file, "kind", "a kind that a module on the class path provides", "'" + kind + "'", null);
  }

  private static IOException damaged(
      Path file, String field, Object expected, @Nullable Object found, @Nullable Throwable cause) {
    return new IOException(
        Problem.message(
            "prompt cannot be read",
            file + ", " + field,
            expected,
            found,
            "write the file again, with vpns-prompts on the class path"),
        cause);
  }
}
