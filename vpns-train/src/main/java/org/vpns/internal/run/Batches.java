package org.vpns.internal.run;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.vpns.Problem;

/** Reads batches of a data set, or of a part of it, in a given order from a given batch on. */
public final class Batches {
  private final RandomAccessDataset dataset;
  private final long[] members;
  private final int batchSize;

  /** The images at the given positions of the data set. */
  public Batches(RandomAccessDataset dataset, long[] members, int batchSize) {
    this.dataset = dataset;
    this.members = members;
    this.batchSize = batchSize;
  }

  /** All images of the data set. */
  public static Batches all(RandomAccessDataset dataset, int batchSize) {
    long[] members = new long[Math.toIntExact(dataset.size())];
    for (int i = 0; i < members.length; i++) {
      members[i] = i;
    }
    return new Batches(dataset, members, batchSize);
  }

  /** Some of these images, by their positions here, in that order. */
  public Batches only(long[] positions, int size) {
    long[] chosen = new long[positions.length];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = members[Math.toIntExact(positions[i])];
    }
    return new Batches(dataset, chosen, size);
  }

  /** Number of images. */
  public int size() {
    return members.length;
  }

  /** Images of a batch. */
  public int batchSize() {
    return batchSize;
  }

  /** Batches of one epoch; the last may be smaller. */
  public long perEpoch() {
    return (members.length + batchSize - 1) / batchSize;
  }

  /** Batches in stored order. */
  public Iterator<Batch> sequential(NDManager manager) {
    long[] order = new long[members.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    return ordered(manager, order, 0);
  }

  /** Batches in the given order of members, without the first {@code skip} batches. */
  public Iterator<Batch> ordered(NDManager manager, long[] order, long skip) {
    List<List<Long>> indices = new ArrayList<>();
    for (long from = skip * batchSize; from < order.length; from += batchSize) {
      List<Long> batch = new ArrayList<>(batchSize);
      for (long i = from; i < Math.min(order.length, from + batchSize); i++) {
        batch.add(members[Math.toIntExact(order[Math.toIntExact(i)])]);
      }
      indices.add(batch);
    }
    Sampler sampler =
        new Sampler() {
          @Override
          public Iterator<List<Long>> sample(RandomAccessDataset ignored) {
            return indices.iterator();
          }

          @Override
          public int getBatchSize() {
            return batchSize;
          }
        };
    try {
      return dataset.getData(manager, sampler).iterator();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (TranslateException e) {
      throw new IllegalArgumentException(
          Problem.message(
              "images cannot be read",
              dataset.getClass().getSimpleName(),
              "records of image and label",
              e.getMessage(),
              "check the data set"),
          e);
    }
  }
}
