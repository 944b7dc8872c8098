package org.vpns.internal.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5Reader;
import us.hebi.matlab.mat.format.Mat5Tag;
import us.hebi.matlab.mat.format.Mat5Type;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Source;

/** The library's reader, which takes memory for what a file promises, with a bound to that. */
final class BoundedMatReader extends Mat5Reader {
  /** Cells, fields and bytes of a file in all: some ten times what annotations of a set have. */
  private static final int MOST_PARTS = 1 << 20;

  private static final int MOST_BYTES = 1 << 26;
  private static final int DEEPEST = 16;

  /** What a file and all that is packed in it have left. */
  private static final class Budget implements BufferAllocator {
    private int parts = MOST_PARTS;
    private long bytes = MOST_BYTES;

    void takeParts(long count) throws IOException {
      if (count < 0 || count > parts) {
        throw new IOException("more than " + MOST_PARTS + " cells and fields");
      }
      parts -= (int) count;
    }

    void takeBytes(int count) throws IOException {
      if (count < 0 || count > bytes) {
        throw new IOException("more than " + MOST_BYTES + " bytes");
      }
      bytes -= count;
    }

    @Override
    public ByteBuffer allocate(int numBytes) {
      if (numBytes < 0 || numBytes > bytes) {
        throw new IllegalArgumentException("more than " + MOST_BYTES + " bytes");
      }
      bytes -= numBytes;
      return ByteBuffer.allocate(numBytes);
    }

    @Override
    public void release(ByteBuffer buffer) {}
  }

  private final Budget budget;
  private int depth;

  BoundedMatReader(Source source, EntryFilter filter) {
    this(source, filter, new Budget());
  }

  private BoundedMatReader(Source source, EntryFilter filter, Budget budget) {
    super(source);
    this.budget = budget;
    setEntryFilter(filter);
    setBufferAllocator(budget);
    disableSubsystemProcessing();
  }

  @Override
  protected Mat5Reader createChildReader(Source inflated) {
    return new BoundedMatReader(inflated, filter, budget);
  }

  @Override
  protected Mat5Tag readTagWithExpectedType(Mat5Type expected) throws IOException {
    Mat5Tag tag = super.readTagWithExpectedType(expected);
    if (expected != Mat5Type.Matrix) {
      budget.takeBytes(tag.getNumBytes());
    } else if (tag.getNumBytes() < 0) {
      throw new IOException("an array of more than 2 GB");
    }
    return tag;
  }

  @Override
  protected Array readNestedArray() throws IOException {
    if (depth == DEEPEST) {
      throw new IOException("arrays in arrays, deeper than " + DEEPEST);
    }
    depth++;
    try {
      return super.readNestedArray();
    } finally {
      depth--;
    }
  }

  @Override
  protected Array readCell(EntryHeader header) throws IOException {
    budget.takeParts(header.getNumElements());
    return super.readCell(header);
  }

  @Override
  protected Array[][] readValues(EntryHeader header, int numFields, String[] names)
      throws IOException {
    budget.takeParts(header.getNumElements());
    budget.takeParts((long) header.getNumElements() * numFields);
    return super.readValues(header, numFields, names);
  }
}
