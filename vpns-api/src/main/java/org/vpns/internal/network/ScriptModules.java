package org.vpns.internal.network;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.vpns.Problem;

/** TorchScript modules as blocks of models. */
public final class ScriptModules {
  /** Version byte and length, which the engine's block writes before the archive. */
  private static final int ARCHIVE_HEADER = 9;

  private ScriptModules() {}

  /**
   * Makes a module the model's block, with gradients. It lives as long as the model, whose name,
   * properties and other blocks stay as they are.
   *
   * @return what ends the module before the model ends, once the model has another block
   * @throws IOException if the file is no module; the model's block stays as it was
   */
  public static Runnable load(Path file, Model model) throws IOException {
    return load(file, file, model);
  }

  /**
   * As {@link #load(Path, Model)}, from bytes that were looked at, whatever is in the file by now.
   *
   * @param source where they come from, for messages
   */
  public static Runnable load(byte[] archive, Path source, Model model) throws IOException {
    return withFile(archive, file -> load(file, source, model));
  }

  private static Runnable load(Path file, Path source, Model model) throws IOException {
    NDManager owner = model.getNDManager();
    Model module = beside(model);
    try {
      module.load(file, null, Map.of("trainParam", "true"));
    } catch (IOException | MalformedModelException | EngineException e) {
      module.close();
      throw new IOException(
          Problem.message(
              "TorchScript module cannot be read",
              source.toString(),
              "a module saved with torch.jit.save",
              firstLine(e),
              "save it again"),
          e);
    } catch (Throwable e) {
      module.close();
      throw e;
    }
    String name = "vpns-module-" + UUID.randomUUID();
    owner.attachInternal(name, module);
    model.setBlock(module.getBlock());
    return () -> {
      owner.detachInternal(name);
      module.close();
    };
  }

  /** As {@link #load(Path, Model)}, from the bytes of an archive that this process has written. */
  static Runnable load(byte[] archive, Model model) {
    return withOwnFile(archive, file -> load(file, model));
  }

  /** The archive of a module, as {@link #load(byte[], Model)} reads it. */
  static byte[] archive(Block module) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      module.saveParameters(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] all = bytes.toByteArray();
    return Arrays.copyOfRange(all, ARCHIVE_HEADER, all.length);
  }

  /** A module without gradients, in a model of its own on the device of another; close it. */
  static Model frozen(byte[] archive, Model like) {
    Model copy = beside(like);
    try {
      return withOwnFile(
          archive,
          file -> {
            copy.load(file);
            return copy;
          });
    } catch (Throwable e) {
      copy.close();
      throw e;
    }
  }

  private static Model beside(Model model) {
    NDManager owner = model.getNDManager();
    return Model.newInstance("module", owner.getDevice(), owner.getEngine().getEngineName());
  }

  private interface Reading<T> {
    T from(Path file) throws IOException, MalformedModelException;
  }

  private static <T> T withOwnFile(byte[] archive, Reading<T> reading) {
    try {
      return withFile(archive, reading);
    } catch (IOException e) {
      throw new IllegalStateException("the module that was just written cannot be read", e);
    }
  }

  /** The engine takes gradients for a module's parameters from a file alone. */
  private static <T> T withFile(byte[] archive, Reading<T> reading) throws IOException {
    Path folder = Files.createTempDirectory("vpns");
    Path file = folder.resolve("module.pt");
    try {
      Files.write(file, archive);
      return reading.from(file);
    } catch (MalformedModelException e) {
      throw new IOException(e);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
