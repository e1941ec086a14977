# A Homebrew formula for the command. Not tried here: there is no macOS and no Homebrew on the machines of this project.
# With a release, `url` and `sha256` are those of its source archive.
class Ttl < Formula
  desc "Key-value store with a time to live per key, in one SQLite file"
  homepage "https://github.com/OWNER/TTLStore"
  url "https://github.com/OWNER/TTLStore/archive/refs/tags/0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  head "https://github.com/OWNER/TTLStore.git", branch: "main"

  depends_on xcode: ["26.0", :build]
  depends_on macos: :sequoia

  uses_from_macos "swift" => :build
  uses_from_macos "sqlite"

  def install
    system "swift", "build", "--disable-sandbox", "-c", "release", "--product", "ttl"
    bin.install ".build/release/ttl"
    generate_completions_from_executable(bin/"ttl", "--generate-completion-script")
  end

  test do
    ENV["TTL_STORE"] = testpath/"store.db"
    system bin/"ttl", "set", "token", "s3cret", "--ttl", "1h"
    assert_equal "s3cret", shell_output("#{bin}/ttl get token")
  end
end
