package org.vpns.learn;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.vpns.Problem;

/** TorchScript modules as blocks of models. */
public final class ScriptModules {
  private ScriptModules() {}

  /**
   * Makes a module the model's block, with gradients. It lives as long as the model, whose name,
   * properties and other blocks stay as they are.
   *
   * @return what ends the module before the model ends, once the model has another block
   * @throws IOException if the file is no module; the model's block stays as it was
   */
  public static Runnable load(Path file, Model model) throws IOException {
    NDManager owner = model.getNDManager();
    Model module =
        Model.newInstance("module", owner.getDevice(), owner.getEngine().getEngineName());
    try {
      module.load(file, null, Map.of("trainParam", "true"));
    } catch (IOException | MalformedModelException | EngineException e) {
      module.close();
      throw new IOException(
          Problem.message(
              "TorchScript module cannot be read",
              file.toString(),
              "a module saved with torch.jit.save",
              firstLine(e),
              "save it again"),
          e);
    }
    String name = "vpns-module-" + UUID.randomUUID();
    owner.attachInternal(name, module);
    model.setBlock(module.getBlock());
    return () -> {
      owner.detachInternal(name);
      module.close();
    };
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName());
  }
}
