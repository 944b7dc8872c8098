package org.vpns.internal.network;

import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.vpns.io.FormatException;

/**
 * Shapes of the values that lie beside a network's description. A few bytes of description can ask
 * for parameters of any size, so it is compared with what is there before memory is taken for it.
 *
 * @param byPath shapes by the parameters' paths
 */
public record StoredShapes(Map<String, Shape> byPath) {
  public StoredShapes {
    byPath = Map.copyOf(byPath);
  }

  /**
   * Fails unless a parameter has values of its shape.
   *
   * @param where what describes the parameter, for the message
   */
  public void require(String path, Shape shape, String where) throws FormatException {
    Shape stored = byPath.get(path);
    if (!shape.equals(stored)) {
      throw new FormatException(
          "description and weights disagree",
          where + ", " + path,
          shape,
          stored == null ? "no values" : stored,
          "use files that were written together, or write them again");
    }
  }
}
