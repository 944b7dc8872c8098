package org.vpns.internal.study.kept;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.AtomicFolder;
import org.vpns.internal.io.FolderLock;

/**
 * What a run has left in a study's folder, as the bytes of a zip archive, for the folder of the
 * same study on another machine. Its entries are called as the files are below the folder.
 */
public final class RunArchive {
  private RunArchive() {}

  /** Takes the files of a run out of the folder. */
  public static byte[] take(StudyFolder study, String run) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<Path> files = new ArrayList<>(List.of(study.result(run)));
    Path model = study.model(run);
    if (Files.isDirectory(model)) {
      try (Stream<Path> below = Files.walk(model)) {
        below.filter(Files::isRegularFile).sorted().forEach(files::add);
      }
    }
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setLevel(Deflater.NO_COMPRESSION);
      for (Path file : files) {
        zip.putNextEntry(new ZipEntry(name(study, file)));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
    Files.delete(study.result(run));
    delete(model);
    return bytes.toByteArray();
  }

  private static String name(StudyFolder study, Path file) {
    return study.root().relativize(file).toString().replace('\\', '/');
  }

  private static void delete(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  /**
   * Puts the files of an archive into the folder. The result comes last: it says that the run is
   * done.
   *
   * @throws IllegalStateException if another process makes the same run
   * @throws IOException if a name leaves the folder of what it is, or nothing can be written
   */
  @SuppressWarnings("try") // the lock is held, not used
  public static void put(StudyFolder study, byte[] archive) throws IOException {
    Map<String, byte[]> files = entries(archive);
    String run = run(study, files);
    Path result = study.result(run);
    Map<String, byte[]> model = model(study, run, files);
    byte[] bytes = files.get(name(study, result));
    try (FolderLock lock = study.lock(run)) {
      if (!model.isEmpty()) {
        delete(study.model(run));
        AtomicFolder.of(model.keySet().toArray(String[]::new))
            .write(study.model(run), folder -> write(folder, model));
      }
      AtomicFiles.write(result, out -> out.write(bytes));
    }
  }

  private static void write(Path folder, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path target = folder.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      AtomicFiles.write(target, out -> out.write(file.getValue()));
    }
  }

  private static Map<String, byte[]> entries(byte[] archive) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        files.put(plain(entry.getName()), zip.readAllBytes());
      }
    }
    return files;
  }

  /** A name as it is, if it is a path downwards. */
  private static String plain(String name) throws IOException {
    Path path;
    try {
      path = Path.of(name);
    } catch (InvalidPathException e) {
      throw refused(name);
    }
    if (name.isEmpty() || name.indexOf('\\') >= 0 || path.getRoot() != null) {
      throw refused(name);
    }
    for (Path part : path) {
      if (part.toString().isEmpty() || part.toString().matches("\\.+")) {
        throw refused(name);
      }
    }
    return name;
  }

  /** The run that the only file of a result is of. */
  private static String run(StudyFolder study, Map<String, byte[]> files) throws IOException {
    String before = name(study, study.root().resolve("runs")) + "/";
    String run = null;
    for (String name : files.keySet()) {
      if (name.startsWith(before) && name.endsWith(".json")) {
        if (run != null) {
          throw refused(name);
        }
        run = name.substring(before.length(), name.length() - ".json".length());
      }
    }
    if (run == null || run.isEmpty()) {
      throw refused(null);
    }
    return run;
  }

  /** The files of the model by their names in its folder. */
  private static Map<String, byte[]> model(StudyFolder study, String run, Map<String, byte[]> files)
      throws IOException {
    String result = name(study, study.result(run));
    String before = name(study, study.model(run)) + "/";
    Map<String, byte[]> model = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      String name = file.getKey();
      if (name.startsWith(before)) {
        model.put(name.substring(before.length()), file.getValue());
      } else if (!name.equals(result)) {
        throw refused(name);
      }
    }
    return model;
  }

  private static IOException refused(@Nullable String found) {
    return new IOException(
        Problem.message(
            "answer of a worker that is no result of a run",
            "archive of its files",
            "one file below runs and those of its model below models",
            found == null ? "no file below runs" : "'" + found + "'",
            "let workers have the same version of vpns as who asks them"));
  }
}
