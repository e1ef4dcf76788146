update attempt set delivered = true;
