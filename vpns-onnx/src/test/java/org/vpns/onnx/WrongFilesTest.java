package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.MaskSet;
import org.vpns.graph.GraphFile;
import org.vpns.io.MaskFile;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PrunedModel;
import org.vpns.torch.TorchFile;
import org.vpns.weights.WeightFile;

/** Whatever lies where another file should be: every reader says what it is and who reads it. */
final class WrongFilesTest {
  @TempDir Path folder;

  /** A reader of files. */
  private interface Door {
    void open(Path file) throws IOException;
  }

  private static final Map<String, Door> DOORS = new LinkedHashMap<>();

  static {
    DOORS.put("Onnx.read", file -> Onnx.read(file).close());
    DOORS.put("WeightFile.open", WeightFile::open);
    DOORS.put("TorchFile.read", TorchFile::read);
    DOORS.put("PrunedModel.load", file -> PrunedModel.load(file).close());
    DOORS.put("MaskFile.read", MaskFile::read);
    DOORS.put("SafeTensors.read", SafeTensors::read);
    DOORS.put("GraphFile.open", file -> GraphFile.open(file).close());
  }

  /** What each message must say, and who reads such a file in truth. */
  private record Kind(String what, String remedy, Path file, Set<String> readers) {}

  private Kind kind(String what, String remedy, byte[] content, String... readers)
      throws IOException {
    Path file = Files.createTempFile(folder, "some", ".file");
    Files.write(file, content);
    return new Kind(what, remedy, file, Set.of(readers));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] zip(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(new byte[300]);
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(new byte[5000]);
    }
    return bytes.toByteArray();
  }

  /** Bytes that begin so, and go on as binary files do. */
  private static byte[] binary(int... head) {
    byte[] bytes = new byte[600];
    for (int i = 0; i < head.length; i++) {
      bytes[i] = (byte) head[i];
    }
    return bytes;
  }

  private static byte[] tar() {
    byte[] bytes = binary();
    byte[] name = text("storages");
    System.arraycopy(name, 0, bytes, 0, name.length);
    byte[] magic = text("ustar");
    System.arraycopy(magic, 0, bytes, 257, magic.length);
    return bytes;
  }

  private static byte[] safetensors() {
    return ByteBuffer.allocate(10)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(2)
        .put(text("{}"))
        .array();
  }

  private Iterable<Kind> kinds() throws IOException {
    ByteArrayOutputStream masks = new ByteArrayOutputStream();
    MaskFile.of(MaskSet.of(Map.of())).write(masks);
    byte[] pointer =
        text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 46827520\n");
    return Arrays.asList(
        kind("a gzip file", "gunzip", gzip()),
        kind(
            "an HDF5 file",
            "Onnx.read(file)",
            binary(0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n', 0, 0, 0)),
        kind(
            "an array of NumPy",
            "safetensors.numpy.save_file",
            binary(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0)),
        kind(
            "NumPy arrays (npz)",
            "safetensors.numpy.save_file",
            zip("fc.weight.npy", "fc.bias.npy")),
        kind("a mask file of vpns", "MaskFile.read(file)", masks.toByteArray(), "MaskFile.read"),
        kind("a Git LFS pointer", "git lfs pull", pointer),
        kind("a tar archive", "weights_only=False), other)", tar()),
        kind("a web page (HTML)", "the download failed", text("<!DOCTYPE html><html><body>404")),
        kind(
            "a web page (HTML)",
            "the download failed",
            text("\n<html lang=\"en\">" + "x".repeat(600))),
        kind("an empty file", "fetch the file again", new byte[0]),
        kind(
            "text beginning 'epoch,loss'",
            "pass the file that is meant",
            text("epoch,loss\n1,2\n")),
        kind(
            "a zip archive, as PyTorch writes them",
            "WeightFile.open(file)",
            zip("archive/data.pkl", "archive/data/0"),
            "WeightFile.open",
            "TorchFile.read"),
        kind(
            "a pickle, as PyTorch wrote them",
            "WeightFile.open(file)",
            binary(0x80, 2, 0x8a, 10, 'l'),
            "WeightFile.open",
            "TorchFile.read"),
        kind(
            "safetensors file",
            "WeightFile",
            safetensors(),
            "WeightFile.open",
            "SafeTensors.read",
            "GraphFile.open"),
        kind(
            "an ONNX file",
            "Onnx.read(file)",
            binary(8, 8, 0x12, 7, 'p', 'y', 't', 'o', 'r', 'c', 'h'),
            "Onnx.read"));
  }

  @Test
  void file_ofAnotherKind_isNamedByEveryReaderWithTheRightOne() throws IOException {
    for (Kind kind : kinds()) {
      for (Map.Entry<String, Door> door : DOORS.entrySet()) {
        if (!kind.readers().contains(door.getKey())) {
          Throwable refusal = catchThrowable(() -> door.getValue().open(kind.file()));
          assertThat(refusal)
              .as("%s given to %s", kind.what(), door.getKey())
              .isInstanceOf(IOException.class)
              .hasMessageMatching("(?s).+: .+; expected .+, found .+; .+\\.")
              .hasMessageMatching("(?s).{1,1000}")
              .hasMessageContaining(kind.file().toString())
              .hasMessageContaining(kind.what())
              .hasMessageContaining(kind.remedy());
        }
      }
    }
  }

  @Test
  void archive_withoutNetwork_isToldWithWhatItHolds() throws IOException {
    Path file = Files.write(folder.resolve("archive.zip"), zip("photos/cat.jpg"));
    for (String name : new String[] {"WeightFile.open", "TorchFile.read"}) {
      assertThat(catchThrowable(() -> DOORS.get(name).open(file)))
          .as(name)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("photos/cat.jpg")
          .hasMessageContaining("pass a file that torch.save wrote");
    }
  }

  @Test
  void folder_ofAResult_isToldByEveryReaderOfFiles() throws IOException {
    Path result = Files.createDirectory(folder.resolve("result"));
    Files.writeString(result.resolve("model.json"), "{}");
    Files.writeString(result.resolve("report.json"), "{}");
    DOORS.forEach(
        (name, door) -> {
          if (!name.equals("PrunedModel.load")) {
            assertThat(catchThrowable(() -> door.open(result)))
                .as(name)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("result folder")
                .hasMessageContaining("PrunedModel.load");
          }
        });
  }

  @Test
  void path_thatIsMissing_isToldWithWhatWasLookedFor() {
    Path missing = folder.resolve("nothing.here");
    DOORS.forEach(
        (name, door) ->
            assertThat(catchThrowable(() -> door.open(missing)))
                .as(name)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nothing.here")
                .hasMessageMatching("(?s).+: .+; expected .+, found .+; .+\\."));
  }
}
