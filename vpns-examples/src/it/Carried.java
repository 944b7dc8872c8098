import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a program carries, run as a source file on its class path: fails if one of the types named
 * is there, and prints jars and size, engines left out, which are the same with or without vpns.
 */
public final class Carried {
  public static void main(String[] types) throws Exception {
    for (String type : types) {
      try {
        Class.forName(type);
        throw new IllegalStateException("carried without need: " + type);
      } catch (ClassNotFoundException expected) {
        // as it should be
      }
    }
    long bytes = 0;
    int jars = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.endsWith(".jar") && !name.matches("(pytorch|onnxruntime|slf4j-simple).*")) {
        jars++;
        bytes += Files.size(Path.of(entry));
      }
    }
    System.out.printf(Locale.ROOT, "class path: %d jars, %.1f MB%n", jars, bytes / 1e6);
  }
}
