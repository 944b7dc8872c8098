package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Bytes;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.vpns.testing.Fixtures;
import org.vpns.torch.TorchBytes.Legacy;
import org.vpns.torch.TorchBytes.Zip;

/**
 * Whatever happens to a file's bytes, reading succeeds or throws an {@link IOException}, in little
 * time and memory.
 */
final class TorchFileLawsTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** The search for an archive's end takes a small buffer for each of the last 65,557 bytes. */
  private static final long ALLOCATED = 64_000_000;

  /** One piece of damage; positions are fractions of the file so that it fits any. */
  record Damage(Kind kind, double at, double to, int length, byte value) {
    enum Kind {
      FLIP,
      OVERWRITE,
      CUT_END,
      CUT_OUT,
      INSERT,
      SWAP,
      COPY
    }

    byte[] applyTo(byte[] file) {
      if (file.length < 2) {
        return file;
      }
      byte[] result = file.clone();
      int room = Math.min(length, file.length / 2);
      int begin = (int) (at * (file.length - room));
      int other = (int) (to * (file.length - room));
      switch (kind) {
        case FLIP -> result[begin] ^= (byte) (1 << (value & 7));
        case OVERWRITE -> Arrays.fill(result, begin, begin + room, value);
        case CUT_END -> result = Arrays.copyOf(file, begin);
        case CUT_OUT -> result = splice(file, begin, begin + room, new byte[0]);
        case INSERT -> {
          byte[] inserted = new byte[room];
          Arrays.fill(inserted, value);
          result = splice(file, begin, begin, inserted);
        }
        case SWAP -> {
          System.arraycopy(file, other, result, begin, room);
          System.arraycopy(file, begin, result, other, room);
        }
        case COPY ->
            result = splice(file, begin, begin, Arrays.copyOfRange(file, other, other + room));
      }
      return result;
    }

    private static byte[] splice(byte[] file, int begin, int end, byte[] middle) {
      byte[] result = new byte[begin + middle.length + file.length - end];
      System.arraycopy(file, 0, result, 0, begin);
      System.arraycopy(middle, 0, result, begin, middle.length);
      System.arraycopy(file, end, result, begin + middle.length, file.length - end);
      return result;
    }
  }

  @Provide
  Arbitrary<List<Damage>> damages() {
    Arbitrary<Double> place = Arbitraries.doubles().between(0, 1).withoutEdgeCases();
    // 0, 255 and 127 make extreme numbers where a length stands; others are instructions
    Arbitrary<Byte> value =
        Arbitraries.oneOf(Arbitraries.of((byte) 0, (byte) -1, (byte) 127), Arbitraries.bytes());
    // single bits and single pieces most often: much damage is found at once
    Arbitrary<Damage.Kind> kind =
        Arbitraries.oneOf(Arbitraries.just(Damage.Kind.FLIP), Arbitraries.of(Damage.Kind.class));
    Arbitrary<Integer> length =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.just(1)),
            Tuple.of(2, Arbitraries.integers().between(2, 8)),
            Tuple.of(1, Arbitraries.integers().between(9, 200)));
    Arbitrary<Damage> one = Combinators.combine(kind, place, place, length, value).as(Damage::new);
    return Arbitraries.frequencyOf(
        Tuple.of(3, one.list().ofSize(1)), Tuple.of(1, one.list().ofMinSize(2).ofMaxSize(3)));
  }

  /** The undamaged files; nothing writes to their bytes. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Sample {
    /** An archive as a whole, where mostly its directory or a check sum catches the damage. */
    ZIP(zip(pickle())),
    /** Its pickle; the archive around is made new with the right sums. */
    PICKLE(pickle()),
    /** An older file, which has no check sums. */
    LEGACY(legacy()),
    /** A TorchScript archive that PyTorch wrote. */
    SCRIPT(Fixtures.bytes("tinyresnet.pt")),
    /** The pickle of that archive. */
    SCRIPT_PICKLE(scriptPickle());

    private final byte[] bytes;

    Sample(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] damaged(List<Damage> damages) {
      byte[] result = bytes;
      for (Damage damage : damages) {
        result = damage.applyTo(result);
      }
      return switch (this) {
        case PICKLE -> zip(result);
        case SCRIPT_PICKLE -> script(result);
        default -> result;
      };
    }
  }

  private static byte[] pickle() {
    Pickler pickle = Pickler.protocol2().dict().mark();
    pickle.text("epoch").number(3).text("lr").real(0.1).text("state_dict").ordered().mark();
    pickle.text("conv1.weight");
    pickle.tensor("FloatStorage", "0", 12, 0, new long[] {2, 3, 2}, new long[] {6, 1, 3});
    pickle.text("bn1.weight").global("torch._utils", "_rebuild_parameter").put(5).mark();
    pickle.tensor("HalfStorage", "1", 4).bool(true).ordered().put(6).tuple().reduce();
    pickle.text("bn1.num_batches_tracked");
    pickle.tensor("LongStorage", "2", 1, 0, new long[] {}, new long[] {});
    pickle.text("ids").tensor("BoolStorage", "3", 6, 1, new long[] {2, 2}, new long[] {0, 2});
    pickle.setItems().dict().text("_metadata").get(6).raw('s').raw('b').setItems();
    return pickle.stop();
  }

  private static byte[] zip(byte[] pickle) {
    return Zip.of(pickle)
        .add("net/byteorder", "little")
        .storage("0", new byte[48])
        .storage("1", TorchBytes.shorts(1, 2, 3, 4))
        .storage("2", TorchBytes.longs(100))
        .storage("3", new byte[] {0, 1, 0, 1, 1, 0})
        .bytes();
  }

  private static byte[] legacy() {
    return new Legacy(pickle())
        .key("0")
        .key("1")
        .key("2")
        .key("3")
        .storage(12, new byte[48])
        .storage(4, TorchBytes.shorts(1, 2, 3, 4))
        .storage(1, TorchBytes.longs(100))
        .storage(6, new byte[] {0, 1, 0, 1, 1, 0})
        .bytes();
  }

  /** Entries of the TorchScript archive, by name without its root. */
  private static final Map<String, byte[]> SCRIPT_ENTRIES = scriptEntries();

  private static Map<String, byte[]> scriptEntries() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip =
        ZipFile.builder()
            .setSeekableByteChannel(
                new SeekableInMemoryByteChannel(Fixtures.bytes("tinyresnet.pt")))
            .get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        entries.put(
            entry.getName().replaceFirst("^tinyresnet/", ""),
            zip.getInputStream(entry).readAllBytes());
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return entries;
  }

  private static byte[] scriptPickle() {
    return Objects.requireNonNull(SCRIPT_ENTRIES.get("data.pkl"));
  }

  /** The archive's storages around another pickle. */
  private static byte[] script(byte[] pickle) {
    Zip zip = new Zip().add("net/data.pkl", pickle).add("net/constants.pkl", "x");
    SCRIPT_ENTRIES.forEach(
        (name, bytes) -> {
          if (name.startsWith("data/")) {
            zip.add("net/" + name, bytes);
          }
        });
    return zip.bytes();
  }

  @Property(
      tries = 1000,
      generation = GenerationMode.RANDOMIZED,
      edgeCases = EdgeCasesMode.NONE,
      shrinking = ShrinkingMode.BOUNDED)
  @StatisticsReport(label = "read", onFailureOnly = true)
  void parse_ofADamagedFile_succeedsOrThrowsAnIoException(
      @ForAll Sample sample, @ForAll("damages") List<Damage> damages) {
    // else the law would be of refusals alone
    Statistics.label("read")
        .collect(assertBounded(sample.damaged(damages)))
        .coverage(share -> share.check(true).percentage(percent -> percent > 5));
  }

  @Property(
      tries = 20_000,
      generation = GenerationMode.RANDOMIZED,
      edgeCases = EdgeCasesMode.NONE,
      shrinking = ShrinkingMode.BOUNDED)
  @Tag("slow")
  void parse_ofManyDamagedFiles_succeedsOrThrowsAnIoException(
      @ForAll Sample sample, @ForAll("damages") List<Damage> damages) {
    assertBounded(sample.damaged(damages));
  }

  /**
   * A file that others published.
   *
   * @param pickles how many bytes its pickles take; then come the values
   */
  private record Published(String name, byte[] bytes, int pickles) {
    byte[] damaged(List<Damage> damages, boolean inItsPickles) {
      int end = inItsPickles ? pickles : bytes.length;
      byte[] front = Arrays.copyOf(bytes, end);
      for (Damage damage : damages) {
        front = damage.applyTo(front);
      }
      return Bytes.concat(front, Arrays.copyOfRange(bytes, end, bytes.length));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** One that is always there, written by Python 2, and a larger one of the folder of data. */
  @Provide
  Arbitrary<Published> publishedFiles() throws IOException {
    List<Published> files = new ArrayList<>();
    try (InputStream in = TorchFileLawsTest.class.getResourceAsStream("/lpips/alex.pth")) {
      files.add(new Published("alex.pth", Objects.requireNonNull(in).readAllBytes(), 1361));
    }
    Path larger =
        Path.of(System.getProperty("vpns.shared", ""), "data/cifar10/resnet20-12fca82f.th");
    if (Files.exists(larger)) {
      files.add(new Published("resnet20", Files.readAllBytes(larger), 14_063));
    }
    return Arbitraries.of(files);
  }

  @Property(
      tries = 400,
      generation = GenerationMode.RANDOMIZED,
      edgeCases = EdgeCasesMode.NONE,
      shrinking = ShrinkingMode.BOUNDED)
  void parse_ofADamagedPublishedFile_succeedsOrThrowsAnIoException(
      @ForAll("publishedFiles") Published file,
      @ForAll("damages") List<Damage> damages,
      @ForAll boolean inItsPickles) {
    assertBounded(file.damaged(damages, inItsPickles));
  }

  /** Checks the law, and says whether the file was read. */
  private static boolean assertBounded(byte[] file) {
    boolean read = false;
    long id = Thread.currentThread().getId();
    long memory = THREADS.getThreadAllocatedBytes(id);
    long time = THREADS.getCurrentThreadCpuTime();
    try {
      TorchFile parsed = TorchFile.parse(file, "damaged");
      read = true;
      // an instruction of the pickle takes tens of bytes, and names unfold up to 16 times
      assertThat(THREADS.getThreadAllocatedBytes(id) - memory)
          .isLessThan(ALLOCATED + 200L * file.length);
      TorchFile all = everything(parsed);
      long values = 0;
      for (String name : all.names()) {
        values += 8 * all.shape(name).size();
        readValues(all, name);
      }
      assertThat(values).isLessThan(8 * ((64L << 20) + 4L * file.length));
    } catch (IOException expected) {
      assertThat(expected.getMessage()).contains("damaged");
      assertThat(THREADS.getThreadAllocatedBytes(id) - memory)
          .isLessThan(ALLOCATED + 200L * file.length);
    }
    // most take under a millisecond; the processor's time, as the machine may be busy
    assertThat(THREADS.getCurrentThreadCpuTime() - time).isLessThan(5_000_000_000L);
    return read;
  }

  /** All tensors of the file, not only those of its one state dict. */
  private static TorchFile everything(TorchFile file) {
    try {
      return file.at();
    } catch (IllegalArgumentException refused) {
      // two tensors of one name, or a container inside itself, outside the state dict
      assertThat(refused).hasMessageContaining("damaged, at()");
      return file;
    }
  }

  private static void readValues(TorchFile file, String name) {
    if (file.type(name).isFloat()) {
      assertThat(file.floats(name)).hasSize((int) file.shape(name).size());
    } else {
      try {
        assertThat(file.longs(name)).hasSize((int) file.shape(name).size());
      } catch (IllegalArgumentException damaged) {
        // a truth value other than 0 and 1
        assertThat(damaged).hasMessageContaining("truth value");
      }
    }
  }
}
