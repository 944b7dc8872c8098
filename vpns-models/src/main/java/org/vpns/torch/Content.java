package org.vpns.torch;

import com.google.common.collect.ImmutableMap;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * What a file holds, in either of its two forms.
 *
 * @param root the pickled value
 * @param script whether it is a TorchScript archive
 * @param begins where each storage begins in the file, by key; it is known to fit into the file
 * @param order byte order of the storages
 * @param pickleBytes length of the pickle, a measure for what it may unfold to
 */
record Content(
    Object root, boolean script, Map<String, Long> begins, ByteOrder order, long pickleBytes) {
  /** Longest pickle that is read. */
  static final long MAX_PICKLE_BYTES = 64L << 20;

  /**
   * Bytes that all tensors together may take: expanded views make more of them than stand there.
   */
  static long budget(long fileBytes) {
    return (64L << 20) + 4 * Math.min(fileBytes, Long.MAX_VALUE / 8);
  }

  Content {
    begins = ImmutableMap.copyOf(begins);
  }
}
