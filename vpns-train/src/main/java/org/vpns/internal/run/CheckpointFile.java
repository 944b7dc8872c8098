package org.vpns.internal.run;

import ai.djl.ndarray.types.Shape;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.gson.Gson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.internal.io.FolderLock;
import org.vpns.internal.io.JsonBound;
import org.vpns.internal.io.WriteFailure;
import org.vpns.internal.learn.LearnerVisitor;
import org.vpns.internal.network.HostFloats;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkState;
import org.vpns.internal.network.ScriptCode;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.io.TensorType;

/**
 * A run's whole state as one safetensors file: arrays by name, position and records as JSON in its
 * metadata. Written to a temporary name, synced and renamed.
 */
public final class CheckpointFile {
  private static final String FORMAT = "vpns checkpoint 1";
  private static final Gson GSON = new Gson();

  /** Of what a run writes. */
  private static final Set<TensorType> TYPES =
      Set.of(TensorType.F32, TensorType.I64, TensorType.U8);

  private CheckpointFile() {}

  /**
   * The checksum that a checkpoint bears which has these arrays and texts. Arrays of types that a
   * run does not write have no say.
   */
  public static String checksum(SafeTensors tensors) {
    Hasher digest = Hashing.crc32c().newHasher();
    for (String key : List.of("identity", "ledger")) {
      digest.putString(tensors.metadata().getOrDefault(key, ""), StandardCharsets.UTF_8);
    }
    for (String name : tensors.names()) {
      digest.putString(name, StandardCharsets.UTF_8);
      switch (tensors.type(name)) {
        case F32 -> {
          for (float value : tensors.floats(name)) {
            digest.putInt(Float.floatToRawIntBits(value));
          }
        }
        case I64 -> {
          for (long value : tensors.longs(name)) {
            digest.putLong(value);
          }
        }
        case U8 -> digest.putBytes(tensors.bytes(name));
        default -> {}
      }
    }
    return digest.hash().toString();
  }

  /** Collects a checkpoint. */
  public static final class Writer {
    private final SafeTensors.Builder tensors = SafeTensors.builder();
    private final Hasher digest = Hashing.crc32c().newHasher();

    /**
     * Begins one of a run.
     *
     * @param identity what the run depends on, by name
     * @param ledger position and records, as JSON
     */
    public Writer(Map<String, String> identity, String ledger) {
      tensors.metadata("format", FORMAT);
      text("identity", GSON.toJson(identity));
      text("ledger", ledger);
    }

    private void text(String key, String value) {
      tensors.metadata(key, value);
      digest.putString(value, StandardCharsets.UTF_8);
    }

    public void network(String name, NetworkState state) {
      state.values().forEach((path, values) -> floats(name + "/" + path, values));
      byte[] module = state.module();
      if (module != null) {
        tensors.putBytes(name + ".module", module);
        digest.putString(name + ".module", StandardCharsets.UTF_8).putBytes(module);
      }
    }

    public void masks(String prefix, MaskSet masks) {
      masks
          .asMap()
          .forEach(
              (path, mask) -> {
                longs(prefix + path, mask.words());
              });
    }

    public void floats(String name, float[] values) {
      tensors.putFloats(name, new Shape(values.length), values);
      digest.putString(name, StandardCharsets.UTF_8);
      for (float value : values) {
        digest.putInt(Float.floatToRawIntBits(value));
      }
    }

    private void longs(String name, long[] values) {
      tensors.putLongs(name, new Shape(values.length), values);
      digest.putString(name, StandardCharsets.UTF_8);
      for (long value : values) {
        digest.putLong(value);
      }
    }

    /** A visitor that stores what it meets under a prefix. */
    public LearnerVisitor visitor(String prefix) {
      return new LearnerVisitor() {
        @Override
        public void floats(String name, float[] live, int offset, int length) {
          Problem.given(name, "StateVisitor.floats", "name");
          Problem.given(live, "StateVisitor.floats", "live");
          Writer.this.floats(prefix + name, Arrays.copyOfRange(live, offset, offset + length));
        }

        @Override
        public void host(String name, HostFloats live, int offset, int length) {
          Writer.this.floats(prefix + name, live.copy(offset, length));
        }

        @Override
        public void counters(String name, long[] live) {
          Problem.given(name, "StateVisitor.counters", "name");
          Problem.given(live, "StateVisitor.counters", "live");
          Writer.this.longs(prefix + name, live);
        }
      };
    }

    public void write(Path folder, String name) throws IOException {
      tensors.metadata("crc32c", digest.hash().toString());
      try {
        Files.createDirectories(folder);
        tensors.write(folder.resolve(name));
      } catch (IOException e) {
        throw unwritable(folder.resolve(name), e);
      }
    }
  }

  /**
   * Takes the lock on a folder of checkpoints, which tells whether it can be written.
   *
   * @param file of a checkpoint, for the message
   * @param name of what is written, as {@link FolderLock#take} has it
   * @throws IllegalStateException if another run has it
   * @throws IOException if the folder cannot be made or written into
   */
  public static FolderLock lock(Path folder, Path file, String name) throws IOException {
    try {
      return FolderLock.take(folder, name);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** A place in which there can be no checkpoint. */
  public static IOException unwritable(Path file, IOException cause) {
    return WriteFailure.told(
        "checkpoint cannot be written",
        file,
        "a folder to write into",
        cause,
        "the model is as it was before");
  }

  /** Reads a checkpoint. */
  public static final class Reader {
    private final Path file;
    private final SafeTensors tensors;

    /**
     * Opens a checkpoint of the given run.
     *
     * @throws IOException if the file is missing or damaged
     * @throws IllegalStateException if it belongs to another network, data set or recipe
     */
    public Reader(Path file, Map<String, String> identity) throws IOException {
      this.file = file;
      tensors = read();
      if (!FORMAT.equals(tensors.metadata().get("format"))) {
        throw damaged("format", FORMAT, tensors.metadata().get("format"));
      }
      requireIntact();
      requireSame(parsed("identity", Reader::strings), identity);
    }

    /** What helps against a damaged one is not to fetch it again. */
    private SafeTensors read() throws IOException {
      try {
        return SafeTensors.read(file);
      } catch (FormatException e) {
        throw damaged("content", "a whole file, as a run writes it", "one that cannot be read")
            .causedBy(e);
      }
    }

    private <T> T parsed(String key, Function<String, T> parser) throws IOException {
      try {
        return parser.apply(tensors.metadata().getOrDefault(key, ""));
      } catch (RuntimeException e) {
        // what a missing or wrong field gives depends on the field
        throw damaged(key, "what a run wrote", e.getMessage()).causedBy(e);
      }
    }

    private void requireIntact() throws IOException {
      for (String name : tensors.names()) {
        if (!TYPES.contains(tensors.type(name))) {
          throw damaged(name, "F32, I64 or U8", tensors.type(name));
        }
      }
      String found = checksum(tensors);
      if (!found.equals(tensors.metadata().get("crc32c"))) {
        throw damaged("content", "checksum " + tensors.metadata().get("crc32c"), found);
      }
    }

    private static Map<String, String> strings(String text) {
      JsonBound.require(text);
      Map<?, ?> map = GSON.fromJson(text, Map.class);
      Map<String, String> result = new LinkedHashMap<>();
      if (map != null) {
        map.forEach((key, value) -> result.put(String.valueOf(key), String.valueOf(value)));
      }
      return result;
    }

    private void requireSame(Map<String, String> found, Map<String, String> expected) {
      Map<String, String> all = new LinkedHashMap<>(expected);
      found.forEach(all::putIfAbsent);
      for (String key : all.keySet()) {
        String now = expected.getOrDefault(key, "nothing");
        String then = found.getOrDefault(key, "nothing");
        if (!now.equals(then)) {
          throw Problem.state(
              "checkpoint of another run",
              file + ", " + key,
              "'" + now + "'",
              "'" + then + "'",
              "resume with the network, images and options it was started with,"
                  + " or choose another folder");
        }
      }
    }

    private FormatException damaged(String field, Object expected, @Nullable Object found) {
      return new FormatException(
          "checkpoint damaged",
          file.toString(),
          field,
          expected,
          found,
          "delete the file and start again");
    }

    /**
     * Position and records.
     *
     * @param parser reads the JSON that was written
     * @throws IOException if the parser throws an exception
     */
    public <T> T ledger(Function<String, T> parser) throws IOException {
      return parsed("ledger", parser);
    }

    /**
     * Refuses a checkpoint that holds a TorchScript module.
     *
     * @throws FormatException if it does
     */
    public void requireDataAlone() throws FormatException {
      for (String name : tensors.names()) {
        if (tensors.type(name) == TensorType.U8) { // no array of a run has this type
          throw new FormatException(
              "checkpoint holds code",
              file.toString(),
              name,
              "a network that is data alone",
              "a TorchScript module, which can do what any program can when it runs",
              "resume it with Trainer.resumeTrusted if you trust those who wrote it");
        }
      }
    }

    public boolean has(String name) {
      return tensors.contains(name);
    }

    /**
     * A state of a network.
     *
     * @throws IOException if it is one of another network: of other parameters, or a TorchScript
     *     module of other code, which nobody has said may run
     */
    public NetworkState network(String name, Network own) throws IOException {
      Map<String, float[]> values = new LinkedHashMap<>();
      for (String key : tensors.names()) {
        if (key.startsWith(name + "/")) {
          String path = key.substring(name.length() + 1);
          NamedParameter parameter = own.paths().find(path);
          require(key, TensorType.F32, parameter == null ? 0 : parameter.shape().size());
          values.put(path, tensors.floats(key));
        }
      }
      NetworkState state = new NetworkState(values, module(name + ".module", own));
      try {
        state.requireLike(own.snapshot(), name);
      } catch (IllegalArgumentException e) {
        throw damaged(name, "a state of the network", e.getMessage()).causedBy(e);
      }
      return state;
    }

    private byte @Nullable [] module(String name, Network own) throws IOException {
      if (!tensors.contains(name)) {
        return null;
      }
      require(name, TensorType.U8, tensors.shape(name).size());
      byte[] module = tensors.bytes(name);
      byte[] known = own.snapshot().module();
      if (known == null || !ScriptCode.of(module).equals(ScriptCode.of(known))) {
        throw new FormatException(
            "checkpoint holds other code",
            file.toString(),
            name,
            "the code of the model's own TorchScript module",
            known == null ? "a module, where the model is none" : "other code",
            "resume with the module the run was started with, or delete the file and start again");
      }
      return module;
    }

    public MaskSet masks(String prefix, Layout layout) throws IOException {
      Map<String, Mask> masks = new LinkedHashMap<>();
      for (int i = 0; i < layout.tensors(); i++) {
        String name = prefix + layout.path(i);
        require(name, TensorType.I64, (layout.size(i) + 63) / 64);
        try {
          masks.put(layout.path(i), Mask.ofWords(layout.shape(i), tensors.longs(name)));
        } catch (IllegalArgumentException e) {
          throw damaged(name, "a mask of " + layout.size(i) + " bits", e.getMessage()).causedBy(e);
        }
      }
      return MaskSet.of(masks);
    }

    public float[] floats(String name, int size) throws IOException {
      require(name, TensorType.F32, size);
      return tensors.floats(name);
    }

    private void require(String name, TensorType type, long size) throws IOException {
      if (tensors.contains(name) && tensors.type(name) != type) {
        throw damaged(name, type, tensors.type(name));
      }
      if (!tensors.contains(name) || tensors.shape(name).size() != size) {
        throw damaged(
            name,
            size + " values",
            tensors.contains(name) ? tensors.shape(name).size() + " values" : "nothing");
      }
    }

    /** A visitor that fills what it meets from under a prefix. */
    public LearnerVisitor visitor(String prefix) {
      return new LearnerVisitor() {
        @Override
        public void floats(String name, float[] live, int offset, int length) {
          Problem.given(name, "StateVisitor.floats", "name");
          Problem.given(live, "StateVisitor.floats", "live");
          read(
              name,
              TensorType.F32,
              length,
              () -> System.arraycopy(tensors.floats(prefix + name), 0, live, offset, length));
        }

        @Override
        public void host(String name, HostFloats live, int offset, int length) {
          read(name, TensorType.F32, length, () -> live.set(offset, tensors.floats(prefix + name)));
        }

        @Override
        public void counters(String name, long[] live) {
          Problem.given(name, "StateVisitor.counters", "name");
          Problem.given(live, "StateVisitor.counters", "live");
          read(
              name,
              TensorType.I64,
              live.length,
              () -> System.arraycopy(tensors.longs(prefix + name), 0, live, 0, live.length));
        }

        private void read(String name, TensorType type, int size, Runnable copy) {
          try {
            require(prefix + name, type, size);
          } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
          }
          copy.run();
        }
      };
    }
  }
}
