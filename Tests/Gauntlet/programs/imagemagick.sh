# SPDX-License-Identifier: Apache-2.0
# What: draws, blurs, resizes and converts in threads (OpenMP)
# Packages: imagemagick
# Needs: command -v convert
# Ignore: \.png$
# Limit: 60
program() {
  export OMP_NUM_THREADS=4
  convert -size 400x300 plasma:red-blue -seed 7 noise.png 2>/dev/null
  convert -size 400x300 gradient:red-blue -swirl 120 -blur 0x4 -resize 50% a.png
  convert a.png -rotate 30 -colorspace Gray -depth 8 b.pgm
  convert a.png b.pgm -append -quality 80 c.jpg
  identify -format '%m %w %h %#\n' a.png b.pgm c.jpg
  convert nothing.png d.png
  rm -f noise.png
}
