package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.node;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.FormatException;
import org.vpns.testing.Engines;

/** Weights in a file beside the model. */
final class ExternalDataTest {
  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void files() throws IOException {
    folder = Files.createDirectory(root.resolve("model"));
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 16; i++) {
      data.putFloat(i);
    }
    Files.write(folder.resolve("w.data"), data.array());
    Files.write(root.resolve("secret"), data.array());
  }

  private static TensorProto.Builder tensor(String name, Map<String, String> entries) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(Models.FLOAT)
            .addDims(4)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    entries.forEach((key, value) -> tensor.addExternalDataBuilder().setKey(key).setValue(value));
    return tensor;
  }

  private Path model(TensorProto.Builder... tensors) throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 4).addNode(node("Add", List.of("x", "shift.value"), List.of("y")));
    for (TensorProto.Builder tensor : tensors) {
      graph.addInitializer(tensor);
    }
    return Files.write(folder.resolve("m.onnx"), Models.model(13, graph).build().toByteArray());
  }

  private AbstractThrowableAssert<?, ?> refused(Map<String, String> entries) throws IOException {
    Path model = model(tensor("shift.value", entries));
    return assertThatThrownBy(() -> OnnxReader.read(model))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("m.onnx, initialiser 'shift.value'; expected");
  }

  @Test
  void region_ofAFileBesideTheModel_isRead() throws IOException {
    Path model =
        model(tensor("shift.value", Map.of("location", "w.data", "offset", "8", "length", "16")));
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = new OnnxBlock(OnnxReader.read(model), manager);
      assertThat(Engines.evaluate(block, new float[4], new Shape(1, 4)))
          .containsExactly(2, 3, 4, 5);
    }
  }

  @Test
  void fileCutAfterReading_failsWithItsName() throws IOException {
    OnnxFile file =
        OnnxReader.read(model(tensor("shift.value", Map.of("location", "w.data", "offset", "48"))));
    Files.write(folder.resolve("w.data"), new byte[50]);
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> new OnnxBlock(file, manager))
          .isInstanceOf(EOFException.class)
          .hasMessageContaining("w.data");
    }
  }

  @Test
  void location_outsideTheFolder_isRefused() throws IOException {
    String outside = "external data: location outside the model's folder";
    refused(Map.of("location", "../secret")).hasMessageStartingWith(outside);
    refused(Map.of("location", "sub/../../secret")).hasMessageStartingWith(outside);
    refused(Map.of("location", "..\\secret")).hasMessageStartingWith(outside);
    refused(Map.of("location", root.resolve("secret").toString())).hasMessageStartingWith(outside);
    Files.createSymbolicLink(folder.resolve("link"), root.resolve("secret"));
    refused(Map.of("location", "link")).hasMessageStartingWith(outside);
    Files.createSymbolicLink(folder.resolve("up"), root);
    refused(Map.of("location", "up/secret")).hasMessageStartingWith(outside);
  }

  @Test
  void location_missingOrNoFile_isRefused() throws IOException {
    refused(Map.of()).hasMessageStartingWith("external data: no location");
    refused(Map.of("location", "")).hasMessageStartingWith("external data: no location");
    refused(Map.of("location", "none")).hasMessageStartingWith("external data: file is missing");
    refused(Map.of("location", ".")).hasMessageStartingWith("external data: file is missing");
    refused(Map.of("location", "a\0b")).hasMessageStartingWith("external data: location is no");
  }

  @Test
  void region_thatDoesNotFit_isRefused() throws IOException {
    refused(Map.of("location", "w.data", "offset", "49"))
        .hasMessageStartingWith("external data: region past the end of its file")
        .hasMessageContaining("expected at most 64 bytes in w.data, found 16 bytes from byte 49");
    refused(Map.of("location", "w.data", "offset", "999999999999999999"))
        .hasMessageStartingWith("external data: region past");
    refused(Map.of("location", "w.data", "offset", "-1"))
        .hasMessageStartingWith("external data: offset is no count");
    refused(Map.of("location", "w.data", "offset", "1e3"))
        .hasMessageStartingWith("external data: offset is no count");
    refused(Map.of("location", "w.data", "length", "8"))
        .hasMessageStartingWith("external data: length does not fit");
    Path twice =
        model(
            tensor("shift.value", Map.of("location", "w.data"))
                .addExternalData(
                    ai.onnx.proto.OnnxMl.StringStringEntryProto.newBuilder()
                        .setKey("location")
                        .setValue("w.data")));
    assertThatThrownBy(() -> OnnxReader.read(twice)).hasMessageContaining("key given twice");
  }

  @Test
  void regions_thatOverlap_cannotBlowUpAFile() throws IOException {
    TensorProto.Builder[] tensors = new TensorProto.Builder[5];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = tensor(i == 0 ? "shift.value" : "t" + i, Map.of("location", "w.data"));
    }
    Path model = model(tensors);
    assertThatThrownBy(() -> OnnxReader.read(model))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("external data: regions overlap")
        .hasMessageContaining("expected at most 64 bytes in all, found 80 bytes");
  }

  @Test
  void dataInBothPlaces_orWithoutAFolder_areRefused() throws IOException {
    TensorProto.Builder both = tensor("shift.value", Map.of("location", "w.data"));
    both.addAllFloatData(List.of(1f, 2f, 3f, 4f));
    Path model = model(both);
    assertThatThrownBy(() -> OnnxReader.read(model))
        .hasMessageContaining("tensor data in two places");
    byte[] alone = Files.readAllBytes(model(tensor("shift.value", Map.of("location", "w.data"))));
    assertThatThrownBy(() -> OnnxReader.parse(alone, "memory"))
        .hasMessageStartingWith("external data: model without a folder");
  }
}
