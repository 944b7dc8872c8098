package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import com.google.common.primitives.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.io.FormatException;
import org.vpns.torch.TorchBytes.Legacy;
import org.vpns.torch.TorchBytes.Zip;
import org.vpns.weights.WeightFile;

/** What refusals say to do, done in PyTorch; see the README of the folder torch-remedies. */
final class RemediesTest {
  private static TorchFile read(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(RemediesTest.class.getResourceAsStream("/torch-remedies/" + name))) {
      return TorchFile.parse(in.readAllBytes(), name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          first_versions.pth | torch.save(torch.load(file, weights_only=False), other); if
          part_of_a_storage.pth | save the file again with a current PyTorch.
          quantised.pth | save plain tensors of type float32: tensor.dequantize(), tensor.to_dense()
          sparse.pth | save plain tensors of type float32: tensor.dequantize(), tensor.to_dense()
          negated.pth | save a plain copy: tensor.clone().
          subclass.pth | in place of those of another class: tensor.as_subclass(torch.Tensor).
          without_values.pth | give the network its values before it is saved: tensors on the meta
          arrays.pkl | {name: torch.from_numpy(array) for name, array in arrays.items()}, other).
          arrays.pth | {name: torch.from_numpy(array) for name, array in arrays.items()}, other).
          module.pth | torch.save(torch.load(file, weights_only=False).state_dict(), other).
          module_and_optimiser.pth | torch.save(torch.load(file, weights_only=False)["model"].state_dict(), other).
          pickled.pth | save the weights alone: torch.save(model.state_dict(), file).
          frozen.pt | save the module as it was before, torch.jit.script(model).save(file).
          packed.pth | save the file again, or pack the archive again without compression.
          """)
  void file_isRefused_andReadsOnceTheRefusalIsFollowed(String name, String remedy)
      throws IOException {
    assertThatThrownBy(() -> read(name))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("; expected ")
        .hasMessageContaining(remedy);
    TorchFile again = read(name.replaceFirst("\\..*", "_again.pth"));
    assertThat(again.names()).hasSize(1);
    String tensor = again.names().get(0);
    assertThat(again.shape(tensor)).isEqualTo(new Shape(2, 3));
    assertThat(again.floats(tensor)).containsExactly(1.5f, -2, 0, 4, 0.25f, -1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          arrays.npz | ^w$ | save_file(dict(numpy.load(file)), other), and open
          array.npy | ^name$ | save_file({'name': array}, other), and open
          """)
  void arraysOfNumPy_areRefused_andReadOnceTheRefusalIsFollowed(
      String name, String tensor, String remedy, @TempDir Path folder) throws IOException {
    Path file = copy(name, folder);
    assertThatThrownBy(() -> WeightFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("safetensors.numpy." + remedy + " that with WeightFile.open(other)");
    Path again = copy(name.replaceFirst("\\..*", "_again.safetensors"), folder);
    try (NDManager manager = NDManager.newBaseManager()) {
      Linear layer = Linear.builder().setUnits(2).optBias(false).build();
      layer.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
      WeightFile.open(again).rename(tensor, "weight").into(layer);
      assertThat(layer.getParameters().valueAt(0).getArray().toFloatArray())
          .containsExactly(1.5f, -2, 0, 4, 0.25f, -1);
    }
  }

  @Test
  void anotherTypeOrName_isRefused_andReadsAsTheFileHasIt() throws IOException {
    TorchFile file = read("module_again.pth");
    assertThatThrownBy(() -> file.longs("0.weight"))
        .hasMessageStartingWith("tensor type does not fit: module_again.pth, '0.weight'; expected ")
        .hasMessageEndingWith("found F32; ask for the type the file has.");
    assertThatThrownBy(() -> file.floats("weight"))
        .hasMessageStartingWith("no such tensor: module_again.pth, 'weight'; expected ")
        .hasMessageEndingWith("; names begin with: [0.weight].");
    assertThat(file.floats("0.weight")).containsExactly(1.5f, -2, 0, 4, 0.25f, -1);
  }

  @Test
  void damagedFile_isRefused_andReadsFetchedAgain(@TempDir Path folder) throws IOException {
    Path file = copy("module_again.pth", folder);
    byte[] right = Files.readAllBytes(file);
    byte[] first = {0, 0, (byte) 0xc0, 0x3f, 0, 0, 0, (byte) 0xc0}; // 1.5 and -2
    byte[] wrong = right.clone();
    wrong[Bytes.indexOf(right, first)] = 1;
    Files.write(file, wrong);
    assertThatThrownBy(() -> TorchFile.read(file))
        .hasMessageStartingWith("check sum differs: " + file)
        .hasMessageContaining("; fetch the file again; if it was saved without check sums, ");
    Files.write(file, Arrays.copyOf(right, right.length - 30));
    assertThatThrownBy(() -> TorchFile.read(file))
        .hasMessageContaining(file.toString())
        .hasMessageEndingWith("; fetch the file again or save it again.");
    Files.write(file, right);
    assertThat(TorchFile.read(file).floats("0.weight")).containsExactly(1.5f, -2, 0, 4, 0.25f, -1);
  }

  /** 20 million times one number, and the same with all of them in the file. */
  @Test
  void expandedView_muchLargerThanItsFile_isRefused_andReadsAsAContiguousCopy() throws IOException {
    int count = 20_000_000;
    byte[] view = expanded(count, 1, 0, new byte[Float.BYTES]);
    assertThatThrownBy(() -> TorchFile.parse(view, "net.pth"))
        .hasMessageStartingWith("tensors much larger than the file: net.pth, ")
        .hasMessageEndingWith("; save contiguous copies, not expanded views.");
    TorchFile copy =
        TorchFile.parse(expanded(count, count, 1, new byte[Float.BYTES * count]), "net.pth");
    assertThat(copy.shape("w")).isEqualTo(new Shape(count));
    assertThat(copy.floats("w")).hasSize(count);
  }

  private static byte[] expanded(int count, int stored, long stride, byte[] values) {
    Pickler pickle =
        Pickler.protocol2()
            .dict()
            .mark()
            .text("w")
            .tensor("FloatStorage", "0", stored, 0, new long[] {count}, new long[] {stride})
            .setItems();
    return Zip.of(pickle.stop()).storage("0", values).bytes();
  }

  @Test
  void fileThatIsGoneWhenItIsAsked_isRefused_andReadsOnceItIsThere(@TempDir Path folder)
      throws IOException {
    Path file = copy("module_again.pth", folder);
    TorchFile opened = TorchFile.read(file);
    Path elsewhere = Files.move(file, folder.resolve("elsewhere.pth"));
    assertThatThrownBy(() -> opened.floats("0.weight"))
        .hasMessageStartingWith("tensor cannot be read: " + file + ", '0.weight'; expected ")
        .hasMessageEndingWith("; check that the file is still there and unchanged.");
    Files.move(elsewhere, file);
    assertThat(opened.floats("0.weight")).containsExactly(1.5f, -2, 0, 4, 0.25f, -1);
  }

  @Test
  void archiveOfOtherFiles_isRefused_andWhatPyTorchWroteReads() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("notes.txt"));
      zip.write(new byte[300]);
    }
    assertThatThrownBy(() -> TorchFile.parse(bytes.toByteArray(), "notes.zip"))
        .hasMessageStartingWith("zip archive without weights: notes.zip, zip directory; expected ")
        .hasMessageEndingWith("; pass a file that torch.save wrote.");
    assertThat(read("module_again.pth").names()).containsExactly("0.weight");
  }

  /** Packed as {@code zip -0 -r} does, which writes the folders too. */
  @Test
  void archiveOfTwoNetworks_isRefused_andEachReadsPackedByItself() throws IOException {
    Zip both = Zip.of(vector("w")).storage("0", TorchBytes.floats(1, 2));
    both.add("other/data.pkl", vector("v")).add("other/data/0", TorchBytes.floats(3, 4));
    assertThatThrownBy(() -> TorchFile.parse(both.bytes(), "both.pth"))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "two networks in one archive: both.pth, other/data.pkl; expected one data.pkl, found"
                + " net/data.pkl too; unpack it and pack each folder into a file of its own,"
                + " uncompressed: zip -0 -r other.pth other.");
    Zip other = new Zip().add("other/", new byte[0]).add("other/data.pkl", vector("v"));
    other.add("other/data/", new byte[0]).add("other/data/0", TorchBytes.floats(3, 4));
    assertThat(TorchFile.parse(other.bytes(), "other.pth").floats("v")).containsExactly(3, 4);
  }

  private static byte[] vector(String name) {
    return Pickler.protocol2().dict().text(name).tensor("FloatStorage", "0", 2).raw('s').stop();
  }

  /** Two numbers at both ends of a file of 2 GiB with a hole, and side by side. */
  @Test
  void tensorWhoseNumbersLieFarApart_isRefused_andReadsAsAContiguousCopy(@TempDir Path folder)
      throws IOException {
    long count = (1L << 29) + 10;
    long[] size = {2};
    Pickler pickle =
        Pickler.protocol2()
            .dict()
            .text("w")
            .tensor("FloatStorage", "0", count, 0, size, new long[] {count - 1})
            .raw('s');
    byte[] head = new Legacy(pickle.stop()).key("0").storage(count, new byte[0]).bytes();
    Path file = Files.write(folder.resolve("apart.pth"), head);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer last = ByteBuffer.wrap(TorchBytes.floats(6));
      channel.write(last, head.length + (count - 1) * Float.BYTES);
    }
    TorchFile apart = TorchFile.read(file);
    assertThatThrownBy(() -> apart.floats("w"))
        .hasMessageStartingWith("tensor too large for one array: " + file + ", 'w'; expected ")
        .hasMessageEndingWith("; save a contiguous copy: tensor.contiguous().");
    byte[] copy = Zip.of(vector("w")).storage("0", TorchBytes.floats(0, 6)).bytes();
    assertThat(TorchFile.parse(copy, "copy.pth").floats("w")).containsExactly(0, 6);
  }

  private static Path copy(String name, Path folder) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(RemediesTest.class.getResourceAsStream("/torch-remedies/" + name))) {
      Path file = folder.resolve(name);
      Files.copy(in, file);
      return file;
    }
  }

  /** PyTorch reads no pickle of another program, so that it cannot be the way out. */
  @Test
  void pickleOfAnotherProgram_isToldByWhatItHolds() {
    for (String type : new String[] {"sklearn.svm._classes.SVC", "project.Model"}) {
      int dot = type.lastIndexOf('.');
      byte[] bytes =
          Pickler.protocol2()
              .global(type.substring(0, dot), type.substring(dot + 1))
              .emptyTuple()
              .raw(0x81)
              .stop();
      assertThatThrownBy(() -> TorchFile.parse(bytes, "svc.pkl"))
          .isInstanceOf(FormatException.class)
          .hasMessage(
              "pickle of something else: svc.pkl, magic number; expected PyTorch's magic number,"
                  + " found "
                  + type
                  + "; save the weights alone: torch.save(model.state_dict(), file).");
    }
  }
}
