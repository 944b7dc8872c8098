package org.vpns.internal.learn;

import java.util.ArrayList;
import java.util.List;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.internal.network.HostFloats;

/** Arrays of one piece, small enough for the first-level cache; one set per worker. */
final class Scratch {
  /** Entries of a piece; a multiple of 64, so that a piece begins on a word of its mask. */
  static final int SIZE = 4096;

  static final float[] ZEROS = new float[SIZE];

  /** EXPANDED[b] holds, for each bit of the byte b, all ones or zero. */
  private static final int[][] EXPANDED = expand();

  final float[] gradient = new float[SIZE];
  final float[] value = new float[SIZE];
  final float[] theta = new float[SIZE];
  final int[] bits = new int[SIZE];
  final int[] out = new int[SIZE];
  final int[] keep = new int[SIZE];
  final HostFloats exchange = new HostFloats(SIZE);

  /**
   * A part of one tensor.
   *
   * @param tensor index into the layout
   * @param from first entry within the tensor
   * @param length entries
   * @param flat position of the first entry in the flat vector
   */
  record Piece(int tensor, int from, int length, int flat) {}

  static List<Piece> pieces(Layout layout) {
    List<Piece> pieces = new ArrayList<>();
    for (int tensor = 0; tensor < layout.tensors(); tensor++) {
      for (int from = 0; from < layout.size(tensor); from += SIZE) {
        int length = Math.min(SIZE, layout.size(tensor) - from);
        pieces.add(new Piece(tensor, from, length, layout.offset(tensor) + from));
      }
    }
    return pieces;
  }

  static Scratch[] perWorker(ThreadTeam team) {
    Scratch[] scratches = new Scratch[team.threads()];
    for (int i = 0; i < scratches.length; i++) {
      scratches[i] = new Scratch();
    }
    return scratches;
  }

  /** Fills {@link #keep} with all ones where the mask keeps an entry and zero elsewhere. */
  void expand(Mask mask, Piece piece) {
    for (int i = 0; i < piece.length(); i += 64) {
      long word = mask.word((piece.from() + i) >>> 6);
      for (int b = 0; b < 64; b += 8) {
        System.arraycopy(EXPANDED[(int) (word >>> b) & 0xff], 0, keep, i + b, 8);
      }
    }
  }

  private static int[][] expand() {
    int[][] table = new int[256][8];
    for (int b = 0; b < 256; b++) {
      for (int i = 0; i < 8; i++) {
        table[b][i] = -(b >>> i & 1);
      }
    }
    return table;
  }
}
