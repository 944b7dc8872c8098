package org.vpns.study.data;

/** The random stream that a set is split by. */
final class SplitStream {
  private SplitStream() {}

  /** By the name of the set; sets that were read from a folder are called by its path. */
  static String of(String name) {
    int end = name.length();
    while (end > 0 && isSeparator(name.charAt(end - 1))) {
      end--;
    }
    int begin = end;
    while (begin > 0 && !isSeparator(name.charAt(begin - 1))) {
      begin--;
    }
    return "split/" + name.substring(begin, end);
  }

  private static boolean isSeparator(char c) {
    return c == '/' || c == '\\';
  }
}
