package org.vpns.predict;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.common.hash.Hashing;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.TextFile;
import org.vpns.internal.network.NetworkProvider;
import org.vpns.internal.network.StoredShapes;
import org.vpns.io.FormatException;

/**
 * The file {@code network.json} of a result folder: the network apart from its weights, as a {@link
 * NetworkProvider} describes it.
 */
final class NetworkFile {
  static final String NAME = "network.json";

  /** What model.json says of a network that is a TorchScript module, in a file of its own. */
  static final String MODULE_FORMAT = "TorchScript";

  /** Far more than a network of thousands of operators takes. */
  private static final int MAX_BYTES = 1 << 26;

  private static final int MAX_DEPTH = 64;

  private NetworkFile() {}

  /**
   * What model.json says of the file, or of the module in its place: its format and the checksum of
   * its bytes, or why there is none.
   */
  record Note(@Nullable String format, @Nullable String crc32, @Nullable String missing) {}

  /**
   * Writes the file, if a provider can describe the block and makes a network of the same
   * parameters from the description. That none can is no failure: the folder is loaded into a model
   * then.
   */
  static Note write(Block block, ImageInput input, NDManager manager, Path folder)
      throws IOException {
    List<String> reasons = new ArrayList<>();
    try {
      for (NetworkProvider provider : ServiceLoader.load(NetworkProvider.class)) {
        String text = null;
        try {
          text =
              provider.describe(block, new Shape(input.channels(), input.height(), input.width()));
          requireSameParameters(block, provider, manager, text);
        } catch (IOException | RuntimeException e) {
          // Whatever a provider does wrong, the result of a long run is saved.
          boolean refused = text == null && e instanceof IllegalArgumentException;
          reasons.add(provider.format() + ": " + (refused ? firstLine(e) : reason(e)));
          continue;
        }
        AtomicFiles.writeText(folder.resolve(NAME), text);
        return new Note(provider.format(), checksum(text), null);
      }
    } catch (ServiceConfigurationError e) {
      reasons.add(String.valueOf(e.getMessage()));
    }
    String none = "no module on the class path describes networks";
    return new Note(null, null, reasons.isEmpty() ? none : String.join(" ", reasons));
  }

  private static void requireSameParameters(
      Block block, NetworkProvider provider, NDManager manager, String text) throws IOException {
    requireJson(text, "description");
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      throw new IOException(
          Problem.message(
              "description too long", "network", MAX_BYTES + " bytes", bytes, "load into a model"));
    }
    try (NDManager scope = manager.newSubManager()) {
      List<String> expected = parameters(block);
      List<String> found = parameters(provider.make(scope, text, shapes(block)));
      if (!found.equals(expected)) {
        int at = 0;
        while (at < Math.min(expected.size(), found.size())
            && expected.get(at).equals(found.get(at))) {
          at++;
        }
        throw new IOException(
            Problem.message(
                "network made of its description has other parameters",
                "parameter " + at + " of " + expected.size(),
                at < expected.size() ? expected.get(at) : "no more",
                at < found.size() ? found.get(at) : "no more",
                "load into a model"));
      }
    }
  }

  private static StoredShapes shapes(Block block) {
    Map<String, Shape> shapes = new HashMap<>();
    ParameterPaths.of(block).forEach(p -> shapes.put(p.path(), p.shape()));
    return new StoredShapes(shapes);
  }

  /** Paths and shapes; the weights are stored as float32, so no parameter may be of other type. */
  private static List<String> parameters(Block block) throws IOException {
    List<String> parameters = new ArrayList<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      DataType type = p.parameter().getArray().getDataType();
      if (type != DataType.FLOAT32) {
        throw new IOException(
            Problem.message(
                "parameter of another type",
                p.path(),
                DataType.FLOAT32,
                type,
                "load into a model"));
      }
      parameters.add(p.path() + " " + p.shape());
    }
    return parameters;
  }

  /**
   * The network, with any values.
   *
   * @param stored the values that lie beside it
   * @throws IOException if there is no description, no provider for it, or it is damaged
   */
  static Block read(NDManager manager, Path folder, @Nullable Note note, StoredShapes stored)
      throws IOException {
    String format = note == null ? null : note.format();
    if (note == null || format == null) {
      throw new IOException(
          Problem.message(
              "result folder does not describe its network",
              folder.toString(),
              NAME,
              "none ("
                  + (note == null
                      ? "written before networks were described"
                      : withoutStop(String.valueOf(note.missing())))
                  + ")",
              "load it with PrunedModel.load(folder, model) into a model of the architecture that"
                  + " was pruned"));
    }
    Path file = folder.resolve(NAME);
    String text = TextFile.read(file, MAX_BYTES);
    if (!checksum(text).equals(note.crc32())) {
      throw damaged(file, "checksum " + note.crc32(), checksum(text), null);
    }
    requireJson(text, file.toString());
    for (NetworkProvider provider : ServiceLoader.load(NetworkProvider.class)) {
      if (provider.reads(format)) {
        try {
          return provider.make(manager, text, stored);
        } catch (FormatException | RuntimeException e) {
          throw damaged(file, "a description of format '" + format + "'", reason(e), e);
        }
      }
    }
    throw new IOException(
        Problem.message(
            "network of a format that no module on the class path reads",
            file.toString(),
            "a NetworkProvider for '" + format + "'",
            "none",
            "add the module (vpns-models has them), or load the folder with"
                + " PrunedModel.load(folder, model)"));
  }

  /** Any reader may recurse from here on. */
  private static void requireJson(String text, String where) throws IOException {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.setNestingLimit(MAX_DEPTH);
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw damaged(where, "a JSON object", reader.peek(), null);
      }
      reader.skipValue();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw damaged(where, "one JSON object", "more", null);
      }
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      throw damaged(where, "JSON", reason(e), e);
    } catch (java.io.EOFException | com.google.gson.stream.MalformedJsonException e) {
      throw damaged(where, "JSON at most " + MAX_DEPTH + " levels deep", reason(e), e);
    }
  }

  private static FormatException damaged(
      Object file, Object expected, @Nullable Object found, @Nullable Exception cause) {
    FormatException damaged =
        new FormatException(
            "network description damaged",
            file.toString(),
            expected,
            found,
            "use files of one result, or save it again");
    return cause == null ? damaged : damaged.causedBy(cause);
  }

  private static String checksum(String text) {
    return String.format(
        Locale.ROOT, "%08x", Hashing.crc32().hashString(text, StandardCharsets.UTF_8).asInt());
  }

  private static String reason(Exception e) {
    return e.getClass().getSimpleName() + " (" + withoutStop(firstLine(e)) + ")";
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static String withoutStop(String message) {
    return message.replaceFirst("\\.$", "");
  }
}
