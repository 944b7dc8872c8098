package org.vpns.internal.runtime.kernel;

/**
 * A convolution whose outputs nobody reads but a pooling. Some outputs at a time are computed and
 * pooled, each time in the same place, so that they stay in the second-level cache; all of them
 * would go to memory and come back.
 *
 * @param chunks that all outputs are computed in
 */
public record PooledConvolution(SparseConvolution convolution, Pool pool, int chunks)
    implements Step {
  /**
   * Bytes of outputs at a time: fewer let the convolution read its input more often. Second-level
   * caches have 512 kB and more.
   */
  private static final int BYTES = 448 * 1024;

  /**
   * A convolution and the pooling behind it.
   *
   * @param convolution writes what the pooling reads, where it reads it
   */
  public static PooledConvolution of(SparseConvolution convolution, Pool pool) {
    Planes between = convolution.out();
    long bytes = (long) between.count() * between.plane() * Float.BYTES;
    return new PooledConvolution(convolution, pool, (int) ((bytes + BYTES - 1) / BYTES));
  }

  @Override
  public void run(float[] a, int part, int parts) {
    int begin = convolution.bound(part, parts);
    int end = convolution.bound(part + 1, parts);
    Planes between = convolution.out();
    int most = Math.max(1, between.count() / chunks);
    for (int from = begin; from < end; from += most) {
      int to = Math.min(from + most, end);
      int away = (begin - from) * between.plane();
      convolution.outputs(a, from, to, away);
      pool.planes(a, from, to, away);
    }
  }
}
