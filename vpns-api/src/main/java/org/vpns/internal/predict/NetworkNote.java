package org.vpns.internal.predict;

import org.jspecify.annotations.Nullable;

/**
 * What {@code model.json} says of {@code network.json}, or of the module in its place: its format
 * and the checksum of its bytes, or why there is none.
 */
public record NetworkNote(
    @Nullable String format, @Nullable String crc32, @Nullable String missing) {
  /** Format of a network that is a TorchScript module, in a file of its own. */
  public static final String MODULE = "TorchScript";
}
