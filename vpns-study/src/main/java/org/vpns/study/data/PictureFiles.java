package org.vpns.study.data;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.vpns.internal.data.Pictures;
import org.vpns.internal.data.Pixels;
import org.vpns.internal.io.InnerFiles;
import org.vpns.internal.io.MemoryBound;
import org.vpns.io.FormatException;

/**
 * A picture per file, below one folder.
 *
 * @param names relative to the folder, with {@code /}
 * @param listed whether the names come from a file of the set, so that they may not lead out of it;
 *     otherwise from the folder itself, links followed
 */
record PictureFiles(Path folder, List<String> names, boolean listed) implements PictureStore {
  /** Longest file: pictures that Java decodes are far shorter. */
  private static final int LONGEST_OF_ALL = 1 << 28;

  private static final int LONGEST =
      (int) Math.min(LONGEST_OF_ALL, Runtime.getRuntime().maxMemory() / 16);

  @Override
  public String where(int index) {
    return folder + File.separator + names.get(index); // a list's names need not be names
  }

  @Override
  public Pixels read(int index) throws IOException {
    String name = names.get(index);
    Path file = listed ? InnerFiles.resolve(folder, name) : folder.resolve(name);
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(LONGEST + 1);
    }
    if (content.length > LONGEST) {
      throw new FormatException(
          "picture file too long",
          where(index),
          "at most " + LONGEST + " bytes",
          "more",
          Files.size(file) > LONGEST_OF_ALL
              ? "make it smaller"
              : "make it smaller, or " + MemoryBound.REMEDY);
    }
    return Pictures.decode(content, where(index));
  }
}
