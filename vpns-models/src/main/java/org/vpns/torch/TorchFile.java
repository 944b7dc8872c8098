package org.vpns.torch;

import static java.util.stream.Collectors.joining;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.FileBytes;
import org.vpns.internal.io.FileGuess;
import org.vpns.internal.io.InputFile;
import org.vpns.io.FormatException;
import org.vpns.io.NamedTensors;
import org.vpns.io.TensorType;
import org.vpns.torch.Pickled.Dict;
import org.vpns.torch.Pickled.Ignored;

/**
 * The tensors of a file that PyTorch wrote ({@code .pth}, {@code .pt}, {@code .th}): a state dict
 * or a checkpoint with one inside, in the zip form or the one before version 1.6, or a TorchScript
 * archive. Immutable; safe to share between threads.
 *
 * <pre>{@code
 * TorchFile.read(file);                                      // a state dict, or the one inside
 * TorchFile.read(file).at("state_dict_ema");                 // which of several
 * TorchFile.ignoring("numpy.*", "_codecs.encode").read(file); // extras that are no tensors
 * }</pre>
 *
 * <p>Reading runs no code of the file and loads no class: instructions and names that weights do
 * not need are refused. It checks sizes and, in the zip form, check sums, so it passes over the
 * whole file once; values are read when they are asked for. Tensors need fewer than 2^31 elements,
 * files may be longer. The file must not change while this object is in use.
 *
 * <p>Of a checkpoint the network is taken: its {@code state_dict}, or else the nearest container
 * that holds all tensors but those of the optimiser and of moving averages ({@code ema}). If there
 * are several at the top, every question for a tensor throws {@link IllegalStateException} and
 * lists them: choose with {@link #at}. What trainers leave beside the weights as plain objects (a
 * namespace of arguments, counters, sets, types, devices) is read past. Containers inside the one
 * give dotted names ({@code layer1.0.weight}); a file that is one tensor calls it {@code tensor}. A
 * tensor of several names is listed under each.
 */
public final class TorchFile implements NamedTensors {
  private static final int MAX_LISTED = 10;

  private static final String NOT_FROZEN =
      "torch.jit.freeze makes constants of weights: save the module as it was before,"
          + " torch.jit.script(model).save(file)";

  private final String source;
  private final Reading.Opener opener;
  private final Content content;
  private final List<Tree.Candidate> undecided;
  private final ImmutableMap<String, TensorView> tensors;

  private TorchFile(
      String source,
      Reading.Opener opener,
      Content content,
      List<Tree.Candidate> undecided,
      Map<String, TensorView> tensors) {
    this.source = source;
    this.opener = opener;
    this.content = content;
    this.undecided = undecided;
    this.tensors = ImmutableMap.copyOf(tensors);
  }

  /** Opens files, with options. */
  public static final class Reader {
    /** Above this many names a refusal tells their packages. */
    private static final int MAX_NAMES = 10;

    /** How deep a network is looked for. */
    private static final int MAX_PLACE_DEPTH = 4;

    private static final int MAX_PLACE_KEY = 60;

    private final Set<String> ignored;

    private Reader(Set<String> ignored) {
      this.ignored = ignored;
    }

    /** As {@link TorchFile#read}. */
    public TorchFile read(Path file) throws IOException {
      Problem.given(file, "TorchFile.Reader.read", "file");
      InputFile.require(file, "a file of PyTorch");
      return open(file.toString(), () -> Files.newByteChannel(file));
    }

    /** As {@link TorchFile#parse}. */
    public TorchFile parse(byte[] content, String source) throws IOException {
      Problem.given(content, "TorchFile.Reader.parse", "content");
      Problem.given(source, "TorchFile.Reader.parse", "source");
      return open(source, () -> new SeekableInMemoryByteChannel(content));
    }

    private TorchFile open(String source, Reading.Opener opener) throws IOException {
      try (SeekableByteChannel channel = opener.open()) {
        long size = Math.min(FileGuess.HEAD_BYTES, channel.size());
        ByteBuffer head = ByteBuffer.allocate((int) size);
        Reading.fill(channel, head, 0);
        if (recognises(head.array())) {
          return open(source, opener, channel, FileGuess.TORCH_ARCHIVE.fits(head.array()));
        }
        FileGuess guess = FileGuess.of(head.array());
        throw new FormatException(
            "no file of PyTorch",
            source,
            "byte 0",
            "a zip archive or a pickle",
            guess.what(),
            guess.remedy());
      } catch (FileBytes.Shorter e) {
        throw e.of(source);
      }
    }

    private TorchFile open(
        String source, Reading.Opener opener, SeekableByteChannel channel, boolean zip)
        throws IOException {
      try {
        return choose(source, opener, content(source, channel, zip, Ignoring.of(ignored)));
      } catch (FormatException e) {
        if (e.getCause() instanceof Refusal refusal && refusal.reason() == Refusal.Reason.NAME) {
          String wayOut = wayOut(source, opener, channel, zip, refusal);
          throw (wayOut == null ? refusal : refusal.or(wayOut)).at(source, e.field());
        }
        throw e;
      }
    }

    private static Content content(
        String source, SeekableByteChannel channel, boolean zip, Ignoring ignoring)
        throws IOException {
      return zip
          ? ZipForm.read(channel, source, ignoring)
          : LegacyForm.read(channel, source, ignoring);
    }

    /** What reads the file although it names other things, found out by doing it; or null. */
    private @Nullable String wayOut(
        String source,
        Reading.Opener opener,
        SeekableByteChannel channel,
        boolean zip,
        Refusal refusal)
        throws IOException {
      Ignoring ignoring = Ignoring.all(ignored);
      boolean alone = refusal.remedy().equals(TorchObjects.WEIGHTS_ONLY);
      Content rest;
      try {
        rest = content(source, channel, zip, ignoring);
      } catch (FormatException e) {
        return null;
      }
      boolean modules = ignoring.hasModules() && !Checkpoint.isNamed(rest.root());
      if (alone && (modules || rest.root() instanceof Ignored)) {
        // the weights lie in what would be dropped
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        String place =
            rest.root() instanceof Ignored ? "" : moduleIn(rest.root(), ignoring, seen, 0);
        return place == null ? null : saved(place);
      }
      try {
        choose(source, opener, rest);
      } catch (FormatException e) {
        return null;
      }
      boolean many = ignoring.needed().size() > MAX_NAMES;
      Set<String> names = new LinkedHashSet<>(ignored);
      for (String name : ignoring.needed()) {
        names.add(many && name.indexOf('.') > 0 ? name.replaceFirst("\\..*", ".*") : name);
      }
      if (names.isEmpty() || names.size() > ignored.size() + MAX_NAMES) {
        return null;
      }
      return "drop it: TorchFile.ignoring(\"" + String.join("\", \"", names) + "\")";
    }

    /**
     * @param place the network in what PyTorch loads, {@code ["model"]}; empty for all of it
     */
    private static String saved(String place) {
      return "load and save it where its classes are, if you trust who made it, as that runs its"
          + " code: torch.save(torch.load(file, weights_only=False)"
          + place
          + ".state_dict(), other)";
    }

    /** The first network that was read past, as a place in Python; null if there is none. */
    private static @Nullable String moduleIn(
        Object value, Ignoring ignoring, Set<Object> seen, int depth) {
      if (ignoring.isModule(value)) {
        return "";
      }
      String[] found = {null};
      // hostile containers hold each other many times
      if (depth < MAX_PLACE_DEPTH && Tree.isContainer(value) && seen.add(value)) {
        Tree.forEachChild(
            value,
            (name, child) -> {
              String inner = found[0] == null ? moduleIn(child, ignoring, seen, depth + 1) : null;
              if (inner != null && name.length() <= MAX_PLACE_KEY) {
                found[0] = "[" + (value instanceof Dict ? '"' + name + '"' : name) + "]" + inner;
              }
            });
      }
      return found[0];
    }
  }

  /**
   * Opens a file.
   *
   * @throws FormatException if the file is damaged, holds objects other than weights and plain
   *     values, holds no tensor, or is none of PyTorch at all
   * @throws IOException if it cannot be read
   */
  public static TorchFile read(Path file) throws IOException {
    Problem.given(file, "TorchFile.read", "file");
    return ignoring().read(file);
  }

  /**
   * Reads from memory. The array is not copied.
   *
   * @param source what to call the content in messages
   * @throws FormatException as {@link #read}
   */
  public static TorchFile parse(byte[] content, String source) throws IOException {
    Problem.given(content, "TorchFile.parse", "content");
    Problem.given(source, "TorchFile.parse", "source");
    return ignoring().parse(content, source);
  }

  /**
   * Drops what a checkpoint holds beside weights: objects of these classes, and results of these
   * functions. Nothing is run; tensors inside them are out of reach.
   *
   * @param names as a refusal tells them, {@code numpy.dtype}; {@code numpy.*} stands for all that
   *     begin so
   */
  public static Reader ignoring(String... names) {
    Problem.givenEach(names, "TorchFile.ignoring", "names");
    return new Reader(ImmutableSet.copyOf(names));
  }

  /** Whether a file that begins so may be one of PyTorch: a zip archive or a binary pickle. */
  public static boolean recognises(byte[] head) {
    Problem.given(head, "TorchFile.recognises", "head");
    return FileGuess.TORCH_ARCHIVE.fits(head) || FileGuess.PICKLE.fits(head);
  }

  private static TorchFile choose(String source, Reading.Opener opener, Content content)
      throws FormatException {
    List<Tree.Candidate> candidates = Checkpoint.candidates(content.root());
    List<String> path = List.of();
    if (!content.script() && !candidates.isEmpty()) {
      if (candidates.size() > 1) {
        return new TorchFile(source, opener, content, candidates, Map.of());
      }
      path = candidates.get(0).path();
    }
    Map<String, TensorView> tensors;
    try {
      tensors = Tree.flatten(content.root(), path, content.pickleBytes());
    } catch (Refusal refusal) {
      throw refusal.at(source, Tree.Candidate.place(path));
    }
    if (tensors.isEmpty()) {
      throw new FormatException(
          "no tensor in the file",
          source,
          "top",
          "a dictionary of tensors",
          Pickled.describe(content.root()),
          content.script() ? NOT_FROZEN : TorchObjects.WEIGHTS_ONLY);
    }
    return new TorchFile(source, opener, content, List.of(), tensors);
  }

  /**
   * The tensors at or below one place of the file instead of the one that was found by itself.
   *
   * @param keys from the top of the file: keys of dictionaries, positions in lists; none for the
   *     whole file
   * @throws IllegalArgumentException if no tensor lies there
   */
  public TorchFile at(String... keys) {
    Problem.givenEach(keys, "TorchFile.at", "keys");
    List<String> path = ImmutableList.copyOf(keys);
    Map<String, TensorView> below;
    try {
      below = Tree.flatten(content.root(), path, content.pickleBytes());
    } catch (Refusal refusal) {
      throw new IllegalArgumentException(
          refusal.at(source, Tree.Candidate.place(path)).getMessage(), refusal);
    }
    if (below.isEmpty()) {
      throw Problem.argument(
          "no tensor at this place",
          source + ", " + Tree.Candidate.place(path),
          "one of " + listed(Checkpoint.candidates(content.root())),
          "none",
          "choose one of those");
    }
    return new TorchFile(source, opener, content, List.of(), below);
  }

  private ImmutableMap<String, TensorView> tensors() {
    if (!undecided.isEmpty()) {
      throw Problem.state(
          "several dictionaries of tensors",
          source,
          "one choice of " + undecided.size() + " places",
          listed(undecided),
          "choose one: TorchFile.read(file).at(...)");
    }
    return tensors;
  }

  private static String listed(List<Tree.Candidate> places) {
    String text = places.stream().limit(MAX_LISTED).map(Object::toString).collect(joining(", "));
    int more = places.size() - MAX_LISTED;
    return "[" + text + (more > 0 ? ", " + more + " more" : "") + "]";
  }

  private TensorView view(String name) {
    TensorView view = tensors().get(name);
    if (view == null) {
      throw Problem.argument(
          "no such tensor",
          source + ", '" + name + "'",
          "one of " + tensors.size() + " names",
          "none",
          "names begin with: " + tensors.keySet().stream().limit(8).toList());
    }
    return view;
  }

  @Override
  public List<String> names() {
    return tensors().keySet().asList();
  }

  @Override
  public boolean contains(String name) {
    Problem.given(name, "TorchFile.contains", "name");
    return tensors().containsKey(name);
  }

  @Override
  public Shape shape(String name) {
    Problem.given(name, "TorchFile.shape", "name");
    return view(name).shape();
  }

  @Override
  public TensorType type(String name) {
    Problem.given(name, "TorchFile.type", "name");
    return view(name).type();
  }

  /** What stands beside the tensors at the top of a checkpoint: texts, numbers, truth values. */
  @Override
  public Map<String, String> metadata() {
    ImmutableMap.Builder<String, String> plain = ImmutableMap.builder();
    if (content.root() instanceof Dict top) {
      for (Map.Entry<Object, Object> entry : top.items().entrySet()) {
        Object value = entry.getValue();
        if (entry.getKey() instanceof String key
            && (value instanceof String || value instanceof Number || value instanceof Boolean)) {
          plain.put(key, value.toString());
        }
      }
    }
    return plain.buildOrThrow();
  }

  @Override
  public float[] floats(String name) {
    Problem.given(name, "TorchFile.floats", "name");
    TensorView view = view(name);
    float[] values = new float[elements(view, name)];
    read(view, name, StorageValues.floats(view.type(), values), "F32, F64, F16 or BF16 for floats");
    return values;
  }

  @Override
  public double[] doubles(String name) {
    Problem.given(name, "TorchFile.doubles", "name");
    TensorView view = view(name);
    double[] values = new double[elements(view, name)];
    read(
        view,
        name,
        StorageValues.doubles(view.type(), values),
        "F64, F32, F16 or BF16 for doubles");
    return values;
  }

  /**
   * A tensor of type I64, or of I32, I16, I8, U8 or BOOL converted; row-major.
   *
   * @throws IllegalArgumentException if there is no such tensor, its type is another, or a truth
   *     value is neither 0 nor 1
   */
  public long[] longs(String name) {
    Problem.given(name, "TorchFile.longs", "name");
    TensorView view = view(name);
    long[] values = new long[elements(view, name)];
    read(
        view,
        name,
        StorageValues.longs(view.type(), values),
        "I64, I32, I16, I8, U8 or BOOL for longs");
    return values;
  }

  private void read(
      TensorView view, String name, StorageValues.@Nullable Take take, String expected) {
    if (take == null) {
      throw Problem.argument(
          "tensor type does not fit",
          source + ", '" + name + "'",
          expected,
          view.type(),
          "ask for the type the file has");
    }
    long begin = Objects.requireNonNull(content.begins().get(view.storage().key()));
    try (SeekableByteChannel channel = opener.open()) {
      StorageValues.read(channel, view, begin, content.order(), take);
    } catch (IOException e) {
      throw new UncheckedIOException(
          Problem.message(
              "tensor cannot be read",
              source + ", '" + name + "'",
              view.elements() + " of " + view.type(),
              e,
              "check that the file is still there and unchanged"),
          e);
    }
  }

  private int elements(TensorView view, String name) {
    // a view that jumps is read with all between its elements
    long needed = view.contiguous() ? view.elements() : view.span() * view.type().width();
    if (Math.max(needed, view.elements()) > Integer.MAX_VALUE - 8) {
      throw Problem.argument(
          "tensor too large for one array",
          source + ", '" + name + "'",
          "fewer than 2^31 elements, or bytes if they lie apart",
          needed,
          view.contiguous() ? "split the tensor" : "save a contiguous copy: tensor.contiguous()");
    }
    return (int) view.elements();
  }

  /** Number of tensors and where they come from. */
  @Override
  public String toString() {
    return (undecided.isEmpty() ? tensors.size() + " tensors of " : listed(undecided) + " of ")
        + source;
  }
}
