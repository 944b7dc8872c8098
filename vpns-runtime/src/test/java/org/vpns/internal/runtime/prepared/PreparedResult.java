package org.vpns.internal.runtime.prepared;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.vpns.ImageInput;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.model.ResNets;
import org.vpns.predict.PrunedModel;
import org.vpns.runtime.SparseRuntime;

/** A small result with its prepared form. */
final class PreparedResult {
  static final List<String> NAMES = IntStream.range(0, 10).mapToObj(i -> "class " + i).toList();
  static final Shape IMAGE = new Shape(1, 32, 32);

  private PreparedResult() {}

  /** Saves both; another seed is another result. */
  static void save(Path folder, long seed) throws IOException {
    try (Model model = ResNets.small().newModel("small", seed)) {
      Random random = new Random(seed);
      Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      MaskSet masks =
          MaskSet.of(layout, i -> Mask.of(layout.shape(i), j -> random.nextInt(10) < 1));
      PrunedModel.of(model, masks, ImageInput.of(1, 32, 32), NAMES).save(folder);
    }
    SparseRuntime.standard().savePrepared(folder);
  }

  /** With the checksum that belongs to it. */
  static byte[] sealed(byte[] content) {
    CRC32C sum = new CRC32C();
    sum.update(content, 0, content.length - 4);
    byte[] sealed = content.clone();
    ByteBuffer.wrap(sealed)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(content.length - 4, (int) sum.getValue());
    return sealed;
  }
}
