package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;
import org.vpns.torch.TorchFile;

/** Formats are told by content; what is none is named. */
final class WeightFormatTest extends TinyWeights {
  @Test
  void open_tellsTheFormatByContentNotByName() throws IOException {
    Path safe = folder.resolve("weights.pth");
    Files.copy(saved(2), safe);
    assertThat(WeightFile.open(safe).into(model).loaded()).hasSize(22);
    Path torch = folder.resolve("weights.safetensors");
    Files.write(torch, Fixtures.bytes("tinyresnet.pt"));
    try (Model tiny = TinyResNet.newModel()) {
      assertThat(WeightFile.open(torch).into(tiny).loaded()).hasSize(32);
    }
  }

  @Test
  void open_ofAFileOfNoKnownFormat_saysWhatItIs() throws IOException {
    Path file = folder.resolve("resnet18.safetensors");
    Files.writeString(
        file, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 46807446\n");
    assertThatThrownBy(() -> WeightFile.open(file))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "no weight file: "
                + file
                + "; expected one of [safetensors, PyTorch, index of such files], found a Git LFS"
                + " pointer; fetch the content it points to: git lfs pull.");
    Files.writeString(file, "<html><title>Not found</title>");
    assertThatThrownBy(() -> WeightFile.open(file)).hasMessageContaining("a web page (HTML)");
    Files.write(file, new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    assertThatThrownBy(() -> WeightFile.open(file))
        .hasMessageContaining("found first bytes 00 01 02 03 04 05 06 07;");
    Files.write(file, new byte[0]);
    assertThatThrownBy(() -> WeightFile.open(file)).hasMessageContaining("an empty file");
  }

  @Test
  void open_ofSomethingElse_namesTheRightDoor() throws IOException {
    Path file = folder.resolve("net.pth");
    Files.write(file, new byte[] {8, 7, 0x12, 7, 'p', 'y', 't', 'o', 'r', 'c', 'h'});
    assertThatThrownBy(() -> WeightFile.open(file))
        .hasMessageContaining("found an ONNX file; read network and weights with Onnx.read(file).");
    byte[] tar = new byte[1024];
    System.arraycopy("sys_info".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 8);
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    Files.write(file, tar);
    assertThatThrownBy(() -> WeightFile.open(file))
        .hasMessageContaining("found a tar archive, as the first versions of PyTorch wrote them;");
    assertThatThrownBy(() -> TorchFile.read(file)).hasMessageContaining("a tar archive");
    assertThatThrownBy(() -> SafeTensors.read(file)).hasMessageContaining("a tar archive");
    Files.write(file, Fixtures.bytes("tinyresnet.pt"));
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("a zip archive, as PyTorch writes them; open it with WeightFile");
    assertThat(WeightFile.open(file)).isNotNull();
    Files.write(file, Fixtures.bytes("tinyresnet.safetensors"));
    assertThatThrownBy(() -> TorchFile.read(file))
        .hasMessageContaining("found a safetensors file; open it with WeightFile.open(file).");
    assertThat(WeightFile.open(file)).isNotNull();
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n");
    assertThatThrownBy(() -> SafeTensors.read(file)).hasMessageContaining("git lfs pull");
    assertThatThrownBy(() -> TorchFile.read(file)).hasMessageContaining("git lfs pull");
  }

  @Test
  void open_ofAFolderOrOfNothing_saysWhatLiesThere() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("run"));
    Files.createFile(inner.resolve("best.pth"));
    for (ThrowingCallable open :
        List.<ThrowingCallable>of(
            () -> WeightFile.open(inner),
            () -> TorchFile.read(inner),
            () -> SafeTensors.read(inner))) {
      assertThatThrownBy(open)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("folder in place of a file: " + inner)
          .hasMessageContaining("found a folder with best.pth; pass the file inside");
    }
    Path missing = inner.resolve("gone").resolve("last.pth");
    for (ThrowingCallable open :
        List.<ThrowingCallable>of(
            () -> WeightFile.open(missing),
            () -> TorchFile.read(missing),
            () -> SafeTensors.read(missing))) {
      assertThatThrownBy(open)
          .isInstanceOf(NoSuchFileException.class)
          .hasMessageStartingWith("no such file: " + missing)
          .hasMessageContaining("found in " + inner + " only best.pth; check the path.");
    }
    for (int i = 0; i < 30; i++) {
      Files.createFile(inner.resolve("file" + i));
    }
    Files.createFile(inner.resolve("model.json"));
    assertThatThrownBy(() -> WeightFile.open(inner))
        .hasMessageStartingWith("result folder in place of a file: " + inner)
        .hasMessageContaining(" and 27 others; load it with PrunedModel.load(folder).");
  }
}
