package org.vpns.examples.bench;

import ai.djl.Model;
import ai.djl.basicdataset.cv.classification.ImageFolder;
import ai.djl.modality.cv.transform.CenterCrop;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.training.dataset.SequenceSampler;
import ai.djl.training.loss.Loss;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.sun.management.OperatingSystemMXBean;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.Seeds;
import org.vpns.internal.network.Network;
import org.vpns.model.ResNets;
import org.vpns.study.data.ImageTransform;
import org.vpns.study.data.StoredDataset;
import org.vpns.study.data.StoredImages;

/**
 * Images per second that are read from JPEG files and brought to 224 x 224, by this library and by
 * DJL's {@code ImageFolder}, beside those that ResNet-18 needs in training: whether the network
 * waits for its images. Pieces of the set are read in turn, each by all.
 */
public final class ReadingSpeed {
  private static final int PIECE = 500;
  private static final int BATCH = 16;

  /** Of a piece, what is read by DJL's set, and what the network is trained on. */
  private static final int FEW = 32;

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private static final int CLASSES = 10;

  private final Map<String, Piece> works = new LinkedHashMap<>();

  private ReadingSpeed() {}

  /** Reads a piece of the set. */
  private interface Piece {
    /** How many images it was. */
    int read(int from, int to) throws Exception;
  }

  /** Argument: number of files (5,000), at least 500. They are deleted at the end. */
  public static void main(String[] args) throws Exception {
    System.setProperty("ai.djl.offline", "true");
    int files = args.length > 0 ? Integer.parseInt(args[0]) : 5_000;
    Path folder = Files.createTempDirectory("reading-speed");
    try {
      System.out.printf(
          Locale.ROOT,
          "%,d files of %.0f kB on average%n",
          files,
          write(folder, files) / 1e3 / files);
      measure(folder, files);
    } finally {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  /** Bytes of files of 500 x 375 and 375 x 500, with edges and noise as photographs have. */
  private static long write(Path folder, int files) throws IOException {
    long bytes = 0;
    for (int i = 0; i < files; i++) {
      Path file = folder.resolve("class" + i % CLASSES).resolve(i + ".jpg");
      Files.createDirectories(file.getParent());
      BufferedImage picture = picture(new Seeds(7).stream("picture/" + i), i % 4 == 0);
      if (!ImageIO.write(picture, "jpeg", file.toFile())) {
        throw new IOException("no writer of JPEG");
      }
      bytes += Files.size(file);
    }
    return bytes;
  }

  private static BufferedImage picture(RandomGenerator random, boolean tall) {
    BufferedImage picture =
        new BufferedImage(tall ? 375 : 500, tall ? 500 : 375, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    for (int i = 0; i < 40; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillOval(
          random.nextInt(500) - 100,
          random.nextInt(500) - 100,
          20 + random.nextInt(250),
          20 + random.nextInt(250));
    }
    graphics.dispose();
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        picture.setRGB(x, y, picture.getRGB(x, y) ^ random.nextInt(64) * 0x010101);
      }
    }
    return picture;
  }

  private static void measure(Path folder, int files) throws Exception {
    StoredImages images = StoredImages.classFolders(folder);
    StoredDataset dataset =
        images
            .toDataset(ImageTransform.colour().resize(256).centreCrop(224))
            .training(ImageTransform.colour().randomResizedCrop(224).horizontalFlip());
    ExecutorService two = Executors.newFixedThreadPool(2);
    try (NDManager manager = NDManager.newBaseManager();
        Trained network = new Trained()) {
      RandomAccessDataset djl = imageFolder(folder);
      ReadingSpeed speed = new ReadingSpeed();
      for (int threads : new int[] {1, 2}) {
        StoredDataset ours = dataset.threads(threads);
        speed.works.put(
            "`StoredDataset`, resize 256, centre 224, threads: " + threads,
            (from, to) -> read(manager, ours.subDataset(from, to), null));
      }
      speed.works.put(
          "`StoredDataset`, random piece to 224, flip, threads: 2",
          (from, to) -> read(manager, epoch(dataset.threads(2), from, to), null));
      speed.works.put(
          "DJL's `ImageFolder`, resize 256 x 341, centre 224, in the taker's thread",
          (from, to) -> read(manager, djl.subDataset(from, from + FEW), null));
      speed.works.put(
          "the same, threads: 2",
          (from, to) -> read(manager, djl.subDataset(from, from + FEW), two));
      speed.works.put("ResNet-18, forward and backward, images in memory", network::steps);
      speed.works.put(
          "the same on random pieces as they are read, threads: 2",
          (from, to) -> network.stepsOn(epoch(dataset.threads(2), from, from + FEW)));
      speed.run(files / PIECE);
    } finally {
      two.shutdown();
    }
  }

  private static RandomAccessDataset epoch(StoredDataset dataset, int from, int to) {
    return ((StoredDataset) dataset.subDataset(from, to)).epoch(new Seeds(7), "bench", 0);
  }

  private static RandomAccessDataset imageFolder(Path folder) throws Exception {
    ImageFolder djl =
        ImageFolder.builder()
            .setRepositoryPath(folder)
            .addTransform(new Resize(341, 256))
            .addTransform(new CenterCrop(224, 224))
            .addTransform(new ToTensor())
            .setSampling(32, false)
            .build();
    djl.prepare();
    return djl;
  }

  private static int read(
      NDManager manager, RandomAccessDataset dataset, @Nullable ExecutorService threads)
      throws Exception {
    int images = 0;
    try (NDManager scope = manager.newSubManager()) {
      for (Batch batch : dataset.getData(scope, threads)) {
        images += batch.getSize();
        batch.close();
      }
    }
    return images;
  }

  private void run(int pieces) throws Exception {
    Map<String, double[][]> rows = new LinkedHashMap<>();
    works.keySet().forEach(name -> rows.put(name, new double[2][pieces]));
    for (int piece = -1; piece < pieces; piece++) { // the first warms up
      for (Map.Entry<String, double[][]> row : rows.entrySet()) {
        double[] measured = measured(row.getKey(), Math.max(0, piece) * PIECE);
        if (piece >= 0) {
          row.getValue()[0][piece] = measured[0];
          row.getValue()[1][piece] = measured[1];
        }
      }
    }
    System.out.println("\n| | images/s | range | processor ms/image | range |");
    System.out.println("|---|---:|---|---:|---|");
    rows.forEach(
        (name, row) ->
            System.out.printf(
                "| %s | %s | %s |%n", name, median(row[0], "%.0f"), median(row[1], "%.1f")));
    System.out.printf("%nMedians of %d pieces.%n", pieces);
  }

  /** Images per second, and milliseconds of all processors per image. */
  private double[] measured(String name, int from) throws Exception {
    Piece work = Objects.requireNonNull(works.get(name));
    long begin = System.nanoTime();
    long used = PROCESS.getProcessCpuTime();
    int images = work.read(from, from + PIECE);
    return new double[] {
      images / ((System.nanoTime() - begin) / 1e9),
      (PROCESS.getProcessCpuTime() - used) / 1e6 / images
    };
  }

  private static String median(double[] values, String format) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT,
        format + " | " + format + " to " + format,
        Interleaved.median(values),
        sorted[0],
        sorted[sorted.length - 1]);
  }

  /** A network in training, without an update rule. */
  private static final class Trained implements AutoCloseable {
    private final Model model = ResNets.resnet18().newModel("resnet18", 7);
    private final Network network = Network.open(model, ParameterFilter.weights());
    private final Loss loss = Loss.softmaxCrossEntropyLoss();

    Trained() {
      List<NDArray> trained = new ArrayList<>();
      for (NamedParameter p : network.paths()) {
        if (!p.path().contains("running_")) {
          trained.add(p.parameter().getArray());
        }
      }
      network.train(trained);
    }

    int steps(int from, int to) {
      try (NDManager scope = network.manager().newSubManager()) {
        NDArray images = scope.randomUniform(0, 1, new Shape(BATCH, 3, 224, 224));
        NDArray labels = scope.zeros(new Shape(BATCH));
        for (int i = 0; i < FEW / BATCH; i++) {
          step(images, labels);
        }
      }
      return FEW;
    }

    int stepsOn(RandomAccessDataset dataset) throws Exception {
      int images = 0;
      try (NDManager scope = network.manager().newSubManager()) {
        Sampler sampler = new BatchSampler(new SequenceSampler(), BATCH);
        for (Batch batch : dataset.getData(scope, sampler)) {
          step(batch.getData().head(), batch.getLabels().head());
          images += batch.getSize();
          batch.close();
        }
      }
      return images;
    }

    private void step(NDArray images, NDArray labels) {
      try (NDScope arrays = new NDScope();
          GradientCollector collector = network.manager().getEngine().newGradientCollector()) {
        arrays.suppressNotUsedWarning();
        NDArray logits = network.forward(images, true);
        NDArray mean = loss.evaluate(new NDList(labels), new NDList(logits));
        collector.backward(mean);
        if (!Float.isFinite(mean.getFloat())) {
          throw new IllegalStateException("loss is not finite");
        }
      }
    }

    @Override
    public void close() {
      network.close();
      model.close();
    }
  }
}
