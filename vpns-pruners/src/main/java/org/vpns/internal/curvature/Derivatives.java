package org.vpns.internal.curvature;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Derivatives that can be derived again, on the PyTorch engine. DJL's own backward pass adds to the
 * leaves' gradients and forgets how they came about; asked within the engine to remember, it ties
 * leaf and gradient into a circle that is never freed. So a module of one line of TorchScript does
 * it, {@code torch.autograd.grad}: it gives the gradients back as results, touches no leaf, and all
 * is freed with the arrays.
 */
public final class Derivatives implements AutoCloseable {
  private static final String CODE =
      """
      class Derivative(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def forward(self: __torch__.Derivative,
          value: Tensor,
          leaves: List[Tensor]) -> List[Tensor]:
          grads = torch.grad([value], leaves, None, True, True, True)
          result = annotate(List[Tensor], [])
          for i in range(torch.len(leaves)):
            grad = grads[i]
            if torch.__is__(grad, None):
              full = torch.zeros_like(leaves[i])
            else:
              full = unchecked_cast(Tensor, grad)
            _0 = torch.append(result, full)
          return result
      """;

  /** Pickle, protocol 2: an object of that class whose only field is {@code training = True}. */
  private static final String OBJECT =
      "\u0080\u0002c__torch__\nDerivative\n)\u0081}(X\u0008\0\0\0training\u0088ub.";

  private static final String EMPTY_TUPLE = "\u0080\u0002).";

  private final Model model;

  private Derivatives(Model model) {
    this.model = model;
  }

  /** Those of the manager's engine, or null if it has none. */
  public static @Nullable Derivatives open(NDManager manager) {
    String engine = manager.getEngine().getEngineName();
    if (!engine.equals("PyTorch")) {
      return null;
    }
    Model model = Model.newInstance("derivative", manager.getDevice(), engine);
    try {
      model.load(new ByteArrayInputStream(archive()));
      return new Derivatives(model);
    } catch (IOException | MalformedModelException | EngineException e) {
      model.close(); // an engine built without the script compiler
      return null;
    }
  }

  /**
   * Derivatives of a number with respect to the leaves, which the engine can derive again; zeros
   * where it does not depend on a leaf. Call it within a gradient collector.
   */
  public List<NDArray> of(NDArray value, List<NDArray> leaves) {
    List<@Nullable String> names = new ArrayList<>();
    NDList inputs = new NDList(value);
    for (NDArray leaf : leaves) {
      names.add(leaf.getName());
      leaf.setName("leaves[]"); // arrays of this name become one argument, a list
      inputs.add(leaf);
    }
    try {
      ParameterStore store = new ParameterStore(model.getNDManager(), false);
      return model.getBlock().forward(store, inputs, true);
    } finally {
      for (int i = 0; i < names.size(); i++) {
        leaves.get(i).setName(names.get(i));
      }
    }
  }

  private static byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "data.pkl", OBJECT);
      put(zip, "code/__torch__.py", CODE);
      put(zip, "constants.pkl", EMPTY_TUPLE);
      put(zip, "version", "3\n");
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 sum = new CRC32();
    sum.update(bytes);
    ZipEntry entry = new ZipEntry("derivative/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  @Override
  public void close() {
    model.close();
  }
}
