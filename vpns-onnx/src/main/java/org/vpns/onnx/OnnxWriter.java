package org.vpns.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.onnx.OnnxReader;

/**
 * Writes a file, with its arrays inside or, for large networks, in a second file beside it.
 *
 * <p>A message of the format's encoding ends at 2 GiB; from 1 GiB on, arrays go outside.
 */
final class OnnxWriter {
  /** Version of the operators that files use. */
  static final int OPSET = 17;

  /** Version of the format. */
  static final int IR_VERSION = 8;

  /** More bytes than this in all arrays, and they go into a file of their own. */
  static final long LARGEST_INSIDE = 1L << 30;

  /** Arrays of fewer bytes stay inside. */
  static final int SMALLEST_OUTSIDE = 1024;

  /** Arrays outside begin at multiples of this. */
  static final int ALIGNMENT = 64;

  private final ModelProto.Builder model = ModelProto.newBuilder();
  private final List<Piece> outside = new ArrayList<>();
  private final String dataName;

  /** An array in the second file. */
  private record Piece(long offset, ExportTensor tensor) {}

  private OnnxWriter(
      ExportGraph graph, Map<String, String> properties, boolean split, String dataName) {
    this.dataName = dataName;
    GraphProto.Builder proto = graph.proto().clone();
    for (ExportTensor tensor : graph.stored()) {
      boolean moves = split && tensor.size() >= SMALLEST_OUTSIDE;
      TensorProto.Builder array = moves ? moved(tensor) : kept(tensor);
      // readers would take it for a parameter
      proto.addInitializer(
          graph.isConstant(tensor) ? array.setDocString(OnnxReader.CONSTANT) : array);
    }
    model
        .setIrVersion(IR_VERSION)
        .setProducerName("vpns")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(proto);
    properties.forEach((key, value) -> model.addMetadataProps(entry(key, value)));
  }

  /**
   * Writes the file; the second one, {@code NAME.onnx.data}, is in place before it. Files of these
   * names are replaced.
   *
   * @param split whether arrays go into a second file however small they are in sum
   * @throws IOException if writing fails
   */
  static void write(ExportGraph graph, Map<String, String> properties, boolean split, Path file)
      throws IOException {
    long sum = graph.stored().stream().mapToLong(ExportTensor::size).sum();
    String dataName = file.toAbsolutePath().getFileName() + ".data";
    OnnxWriter writer = new OnnxWriter(graph, properties, split || sum > LARGEST_INSIDE, dataName);
    if (!writer.outside.isEmpty()) {
      AtomicFiles.write(file.resolveSibling(dataName), writer::writeOutside);
    }
    ModelProto model = writer.model.build();
    AtomicFiles.write(file, model::writeTo);
  }

  private static TensorProto.Builder described(ExportTensor tensor) {
    return TensorProto.newBuilder()
        .setName(tensor.name())
        .setDataType(ExportTensor.code(tensor.type()))
        .addAllDims(tensor.dimensions());
  }

  private static TensorProto.Builder kept(ExportTensor tensor) {
    // the bytes are read while they are written, and no one writes them meanwhile
    return described(tensor).setRawData(UnsafeByteOperations.unsafeWrap(tensor.bytes().get()));
  }

  private TensorProto.Builder moved(ExportTensor tensor) {
    long offset = 0;
    if (!outside.isEmpty()) {
      Piece before = outside.get(outside.size() - 1);
      long end = before.offset() + before.tensor().size();
      offset = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    outside.add(new Piece(offset, tensor));
    return described(tensor)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", dataName))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(tensor.size())));
  }

  private void writeOutside(OutputStream stream) throws IOException {
    WritableByteChannel channel = Channels.newChannel(stream);
    long at = 0;
    for (Piece piece : outside) {
      for (; at < piece.offset(); at++) {
        stream.write(0);
      }
      at += channel.write(piece.tensor().bytes().get());
    }
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
