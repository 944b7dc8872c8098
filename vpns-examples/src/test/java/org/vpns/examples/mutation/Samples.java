package org.vpns.examples.mutation;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.dataset.ArrayDataset;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.vpns.ImageInput;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.graph.GraphComparison;
import org.vpns.internal.run.CheckpointFile;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** Small files of every kind, made by this build or published, and their checksums. */
final class Samples {
  static final ImageInput INPUT = ImageInput.of(1, 8, 8);

  private Samples() {}

  /** Convolution, normalisation and a linear layer, 27 weights; always the same values. */
  static Model network() {
    Model model = Model.newInstance("small");
    SequentialBlock block =
        new SequentialBlock()
            .add(
                Conv2d.builder()
                    .setFilters(2)
                    .setKernelShape(new Shape(3, 3))
                    .optPadding(new Shape(1, 1))
                    .build())
            .add(BatchNorm.builder().build())
            .add(Activation::relu)
            .add(Pool.globalAvgPool2dBlock())
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(3).build());
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 1, 8, 8));
    var random = new Seeds(5).stream("weights");
    for (NamedParameter p : ParameterPaths.of(block)) {
      float[] values = new float[(int) p.parameter().getArray().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat() + 0.1f;
      }
      p.parameter().getArray().set(values);
    }
    model.setBlock(block);
    return model;
  }

  static Recipe recipe() {
    return Recipe.of(Pruners.vpns(), Sparsity.of(0.5))
        .prompt(Prompts.pad(1))
        .input(INPUT)
        .batchSize(4)
        .epochs(1, 1)
        .build();
  }

  /** Eight images in three classes; the manager owns them. */
  static ImageSets images(NDManager manager) {
    float[] pixels = new float[8 * 64];
    var random = new Seeds(6).stream("images");
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    ArrayDataset dataset =
        new ArrayDataset.Builder()
            .setData(manager.create(pixels, new Shape(8, 1, 8, 8)))
            .optLabels(manager.create(new long[] {0, 1, 2, 0, 1, 2, 0, 1}))
            .setSampling(4, false)
            .build();
    return ImageSets.of(dataset, 3).test(dataset);
  }

  /** The folder of a whole run. */
  static Map<String, byte[]> result(Path folder) throws IOException {
    try (Model model = network();
        PrunedModel pruned = Trainer.of(recipe()).fit(model, images(model.getNDManager()))) {
      pruned.save(folder.resolve("result"));
    }
    Map<String, byte[]> files = files(folder.resolve("result"));
    files.remove("report.html"); // is written, never read
    return files;
  }

  /** What a run leaves that ends in its tuning. */
  static Map<String, byte[]> checkpoint(Path folder) throws IOException {
    RunListener cut =
        new RunListener() {
          private int steps;

          @Override
          public void stepFinished(Step step) {
            if (++steps == 4) {
              throw new IllegalStateException("cut");
            }
          }
        };
    try (Model model = network()) {
      Trainer.of(recipe())
          .checkpoints(folder.resolve("run"))
          .checkpointEvery(1)
          .listener(cut)
          .fit(model, images(model.getNDManager()))
          .close();
      throw new AssertionError("not cut");
    } catch (IllegalStateException expected) {
      Map<String, byte[]> files = files(folder.resolve("run"));
      files.keySet().removeIf(name -> !name.endsWith(".safetensors"));
      return files;
    }
  }

  /** All files below a folder. */
  static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
        files.put(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
      }
    }
    return files;
  }

  /** A file of this module's tests. */
  static byte[] export(String name) throws IOException {
    return Resources.toByteArray(
        Resources.getResource(Samples.class, "/org/vpns/examples/exports/" + name));
  }

  /** A file of the tests of the readers of weights. */
  static byte[] published(String name) throws IOException {
    return Resources.toByteArray(Resources.getResource(GraphComparison.class, "/" + name));
  }

  /** The checksums that a result's files have of each other, and those of a prompt. */
  static Map<String, byte[]> repairResult(Map<String, byte[]> files) {
    replace(files, "weights.safetensors", "masks.crc32", crc32(files.get("masks.vpns")));
    replace(files, "model.json", "crc32", crc32(files.get("network.json")));
    return repairPrompt(files);
  }

  static Map<String, byte[]> repairPrompt(Map<String, byte[]> files) {
    byte[] prompt = files.get("prompt.safetensors");
    if (prompt != null) {
      try {
        SafeTensors tensors = SafeTensors.parse(prompt, "prompt");
        CRC32 crc = new CRC32();
        for (float value : tensors.floats("delta")) {
          int bits = Float.floatToRawIntBits(value);
          for (int shift = 24; shift >= 0; shift -= 8) {
            crc.update(bits >>> shift);
          }
        }
        replace(files, "prompt.safetensors", "crc32", hex(crc));
      } catch (FormatException | IllegalArgumentException e) {
        return files; // has none that could be right
      }
    }
    return files;
  }

  static Map<String, byte[]> repairCheckpoint(Map<String, byte[]> files) {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      try {
        SafeTensors tensors = SafeTensors.parse(file.getValue(), "checkpoint");
        replace(files, file.getKey(), "crc32c", CheckpointFile.checksum(tensors));
      } catch (FormatException e) {
        // has none that could be right
      }
    }
    return files;
  }

  private static String crc32(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content == null ? new byte[0] : content);
    return hex(crc);
  }

  private static String hex(CRC32 crc) {
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }

  /** Puts a checksum of eight digits in the place of the one that stands there. */
  private static void replace(Map<String, byte[]> files, String name, String key, String sum) {
    files.computeIfPresent(
        name,
        (same, bytes) -> {
          String text = new String(bytes, StandardCharsets.ISO_8859_1);
          Matcher found =
              Pattern.compile("(\"" + Pattern.quote(key) + "\"\\s*:\\s*\")[0-9a-f]{8}\"")
                  .matcher(text);
          return found.find()
              ? found.replaceFirst("$1" + sum + "\"").getBytes(StandardCharsets.ISO_8859_1)
              : bytes;
        });
  }
}
