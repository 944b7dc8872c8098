package org.vpns.testing;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import org.vpns.Problem;
import org.vpns.internal.network.NetworkProvider;
import org.vpns.internal.network.StoredShapes;

/** Knows one network. Registered nowhere: {@link Providers} puts it into force. */
public final class TinyResNetProvider implements NetworkProvider {
  @Override
  public String format() {
    return "tiny 2";
  }

  @Override
  public boolean reads(String format) {
    return format.equals("tiny 1") || format.equals("tiny 2");
  }

  @Override
  public String describe(Block block, Shape image) {
    if (!(block instanceof TinyResNet) || !image.equals(new Shape(3, 32, 32))) {
      throw Problem.argument(
          "unknown network",
          block.getClass().getSimpleName() + " " + image,
          "TinyResNet (3, 32, 32)",
          "another",
          "use the small one");
    }
    return "{\"network\":\"TinyResNet\"}";
  }

  @Override
  public Block make(NDManager manager, String description, StoredShapes stored) throws IOException {
    JsonElement tree;
    try {
      tree = JsonParser.parseString(description);
    } catch (JsonParseException e) {
      throw new IOException(e);
    }
    JsonObject expected = new JsonObject();
    expected.addProperty("network", "TinyResNet");
    if (!tree.equals(expected)) {
      throw new IOException(
          Problem.message("unknown network", "description", expected, tree, "use the small one"));
    }
    TinyResNet block = new TinyResNet();
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 32, 32));
    return block;
  }
}
