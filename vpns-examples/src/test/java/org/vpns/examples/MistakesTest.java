package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.dataset.ArrayDataset;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.io.SafeTensors;
import org.vpns.model.ResNets;
import org.vpns.predict.PrunedModel;
import org.vpns.prune.Pruners;
import org.vpns.testing.Fixtures;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** The page of usual mistakes: its code is compiled, and says what the page says. */
final class MistakesTest {
  private static final String PAGE = "docs/usual-mistakes.md";
  private static final Shape IMAGES = new Shape(32, 3, 32, 32);

  private static final ImageInput INPUT = ImageInput.of(3, 32, 32);

  @TempDir Path folder;
  private final NDManager manager = NDManager.newBaseManager();
  private final Model model = ResNets.cifar20().newModel("resnet20", 1);
  private final Recipe recipe =
      Recipe.of(Pruners.magnitude().length(Length.iterations(1)), Sparsity.of(0.9))
          .input(INPUT)
          .batchSize(16)
          .build();

  /** Ends a run with the first thing that it warns of. */
  private static final class FirstWarning implements RunListener {
    @Override
    public void warned(String message) {
      throw new IllegalStateException("warning: " + message);
    }
  }

  private NDArray labels() {
    long[] labels = new long[(int) IMAGES.get(0)];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 10;
    }
    return manager.create(labels);
  }

  private NDArray pixels(float most) {
    return manager.arange(0, IMAGES.size()).mod(256).div(255).mul(most).reshape(IMAGES);
  }

  private ImageSets images() {
    return ImageSets.of(
        new ArrayDataset.Builder()
            .setData(pixels(1))
            .optLabels(labels())
            .setSampling(16, false)
            .build(),
        10);
  }

  /** A network that normalises one value per image. */
  private Model flat() {
    Model flat = Model.newInstance("flat");
    Block block =
        new SequentialBlock()
            .add(Blocks.batchFlattenBlock())
            .add(Linear.builder().setUnits(10).build())
            .add(BatchNorm.builder().build());
    block.initialize(flat.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
    flat.setBlock(block);
    return flat;
  }

  private void pictures() throws IOException {
    for (String name : List.of("train/cat", "train/dog", "train/ship", "test/cat", "test/dog")) {
      Path file = folder.resolve(name).resolve("1.png");
      Files.createDirectories(file.getParent());
      ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    }
  }

  private void prefixed() throws IOException {
    SafeTensors.Builder builder = SafeTensors.builder();
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      builder.putFloats("module." + p.path(), p.shape(), p.parameter().getArray().toFloatArray());
    }
    builder.write(folder.resolve("resnet20.safetensors"));
  }

  private void checkpoint() throws IOException {
    Path file = folder.resolve("resnet20.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String name : List.of("archive/data.pkl", "archive/data/0")) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(new byte[300]);
        zip.closeEntry();
      }
    }
  }

  /** A run within a run, from another thread. */
  private void two() {
    Trainer.of(recipe)
        .listener(
            new RunListener() {
              @Override
              public void runStarted(String name, long iterations, long done) {
                try (Model other = ResNets.cifar20().newModel("resnet20", 1)) {
                  CompletableFuture.runAsync(() -> MistakesExample.two(other, recipe, images()))
                      .join();
                } catch (CompletionException e) {
                  throw (IllegalStateException) e.getCause();
                }
              }
            })
        .fit(model, images());
  }

  private static List<String> names(int outputs) {
    return IntStream.range(0, outputs).mapToObj(i -> "class " + i).toList();
  }

  private PrunedModel pruned() {
    var masks = Pruners.magnitude().findMask(model, Sparsity.of(0.9), 7);
    return PrunedModel.of(model, masks, INPUT, names(10));
  }

  private void module() throws IOException, MalformedModelException {
    try (Model module = Model.newInstance("module")) {
      module.load(Fixtures.copy("tinyresnet.pt", folder), null, Map.of("trainParam", "true"));
      var masks = Pruners.magnitude().findMask(module, Sparsity.of(0.5), 7);
      try (PrunedModel pruned = PrunedModel.of(module, masks, INPUT, names(20))) {
        pruned.save(folder.resolve("result"));
      }
    }
  }

  private Map<String, ThrowingCallable> mistakes() throws Exception {
    pictures();
    prefixed();
    checkpoint();
    module();
    Files.writeString(folder.resolve("notes.txt"), "notes");
    Map<String, ThrowingCallable> mistakes = new LinkedHashMap<>();
    mistakes.put("pixels", () -> MistakesExample.pixels(model, recipe, pixels(255), labels()));
    mistakes.put("size", () -> MistakesExample.size(model, images(), new FirstWarning()));
    mistakes.put("classes", () -> MistakesExample.classes(folder));
    mistakes.put("path", () -> MistakesExample.path(model, images()));
    mistakes.put("masks", () -> MistakesExample.masks(model, images()));
    mistakes.put("batch", () -> MistakesExample.batch(flat(), images()));
    mistakes.put("two", this::two);
    mistakes.put("engine", () -> MistakesExample.engine(recipe, images()));
    mistakes.put("door", () -> MistakesExample.door(folder));
    mistakes.put("prefix", () -> MistakesExample.prefix(folder));
    mistakes.put("folder", () -> MistakesExample.folder(model, recipe, images(), folder));
    mistakes.put("closed", () -> MistakesExample.closed(pruned()));
    mistakes.put("module", () -> MistakesExample.module(folder));
    // the last: frozen it stays
    mistakes.put("frozen", () -> MistakesExample.frozen(model, recipe, images()));
    return mistakes;
  }

  @Test
  void page_hasTheCodeAndTheMessageOfEachMistake() throws Exception {
    List<String> code = new ArrayList<>();
    List<String> messages = new ArrayList<>();
    try (manager;
        model) {
      for (Map.Entry<String, ThrowingCallable> mistake : mistakes().entrySet()) {
        Throwable thrown = catchThrowable(mistake.getValue());
        assertThat(thrown).as(mistake.getKey()).isNotNull();
        code.add(Snippets.region("test", "MistakesExample.java", mistake.getKey()));
        messages.add(thrown.getMessage().replace(folder + "/", "") + "\n");
      }
    }

    assertThat(Snippets.blocks(PAGE, "text")).containsExactlyElementsOf(messages);
    assertThat(Snippets.blocks(PAGE, "java")).containsExactlyElementsOf(code);
  }
}
