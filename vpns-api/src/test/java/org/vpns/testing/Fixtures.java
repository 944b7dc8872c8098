package org.vpns.testing;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.vpns.io.SafeTensors;

/** The reference numbers on the class path, folder {@code fixtures}; see the README there. */
public final class Fixtures {
  /** Those read already: immutable, so all tests share them. */
  private static final Map<String, SafeTensors> TENSORS = new ConcurrentHashMap<>();

  private Fixtures() {}

  /** Weights, images and labels of the small network. */
  public static SafeTensors tinyresnet() {
    return tensors("tinyresnet");
  }

  /** Prunable names and sizes, normalisation and class numbers of the small network. */
  public static JsonObject tinyresnetJson() {
    return json("tinyresnet");
  }

  /** Arrays of the reference runs. */
  public static SafeTensors core() {
    return tensors("core");
  }

  /** Layout, counts and deviations of the reference runs. */
  public static JsonObject coreJson() {
    return json("core");
  }

  /** Arrays of the reference runs of the other unstructured methods. */
  public static SafeTensors baselines() {
    return tensors("baselines");
  }

  /** Layout, counts, densities and deviations of those runs. */
  public static JsonObject baselinesJson() {
    return json("baselines");
  }

  /** Arrays of {@code fixtures/NAME.safetensors}. */
  public static SafeTensors tensors(String name) {
    return TENSORS.computeIfAbsent(name, Fixtures::parse);
  }

  private static SafeTensors parse(String name) {
    try {
      return SafeTensors.parse(bytes(name + ".safetensors"), name + ".safetensors");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Content of {@code fixtures/NAME.json}. */
  public static JsonObject json(String name) {
    String text = new String(bytes(name + ".json"), StandardCharsets.UTF_8);
    return JsonParser.parseString(text).getAsJsonObject();
  }

  /** Bytes of {@code fixtures/FILE}. */
  public static byte[] bytes(String file) {
    try (InputStream in = Fixtures.class.getResourceAsStream("/fixtures/" + file)) {
      if (in == null) {
        throw new IllegalArgumentException("no fixture " + file);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A copy of {@code fixtures/FILE} in a folder, for readers that want a path. */
  public static Path copy(String file, Path folder) {
    try {
      return Files.write(folder.resolve(file), bytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
